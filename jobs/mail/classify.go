package mail

import (
	"errors"
	"net"
	"net/textproto"
	"regexp"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"tanamori/tenants/notice"
)

// policyCode is an enhanced status code (RFC 3463) of class x.7: the server does not allow it, which says more of our
// settings ("relay access denied") than of the address.
var policyCode = regexp.MustCompile(`\b5\.7\.\d{1,3}\b`)

// failure is how handing over a letter failed, and what that means for the connection.
type failure struct {
	outcome notice.Outcome
	lost    bool // the connection is of no more use
	unsaid  bool // nothing of the letter can have been accepted, and only the connection was to blame: another may do
}

// classify reads what go-mail made of the server's answer. The rule: refused for good is only what the server says of
// this address or this letter with a 5xx; whatever is about us, our connection or this moment is tried again.
func classify(err error) failure {
	var send *gomail.SendError
	if !errors.As(err, &send) {
		return failure{notice.Outcome{Result: notice.Away, Detail: describe(err)}, true, true}
	}
	code, detail := send.ErrorCode(), describe(err)
	answer := func(r notice.Result) failure { return failure{outcome: notice.Outcome{Result: r, Detail: detail}} }
	closing := code == 0 || code == 421 // no answer, or one that says goodbye
	switch send.Reason {
	case gomail.ErrSMTPDataClose:
		switch {
		case code == 0:
			return failure{notice.Outcome{Result: notice.Unknown, Detail: detail}, true, false}
		case code >= 500:
			return answer(notice.Refused)
		}
		f := answer(notice.Delayed)
		f.lost = closing
		return f
	case gomail.ErrSMTPReset: // the letter itself was taken over
		return failure{notice.Outcome{Result: notice.Accepted, Detail: detail}, true, false}
	case gomail.ErrGetSender, gomail.ErrGetRcpts, gomail.ErrNoUnencoded:
		return answer(notice.Refused)
	case gomail.ErrSMTPMailFrom, gomail.ErrConnCheck:
		return failure{notice.Outcome{Result: notice.Away, Detail: detail}, closing, closing}
	case gomail.ErrSMTPRcptTo, gomail.ErrSMTPData:
		switch {
		case closing:
			return failure{notice.Outcome{Result: notice.Delayed, Detail: detail}, true, true}
		case code == 530 || code == 535 || code == 538: // sign in first
			return answer(notice.Away)
		case code >= 500 && !policyCode.MatchString(detail):
			return answer(notice.Refused)
		}
		return answer(notice.Delayed)
	case gomail.ErrWriteContent: // broke off before the last dot: the server has no whole letter
		return failure{notice.Outcome{Result: notice.Delayed, Detail: detail}, true, false}
	case gomail.ErrAmbiguous:
	}
	return failure{notice.Outcome{Result: notice.Unknown, Detail: detail}, true, false}
}

// describe is the error in a line for the attempt's record, without the address and id that stand beside it already.
func describe(err error) string {
	text := err.Error()
	for _, tail := range []string{", affected recipient(s): ", ", affected message ID: "} {
		text, _, _ = strings.Cut(text, tail)
	}
	var answer *textproto.Error
	var trouble net.Error
	if errors.As(err, &answer) {
		text = answer.Error()
	} else if errors.As(err, &trouble) && trouble.Timeout() {
		text = "timeout: " + text
	}
	text = strings.ToValidUTF8(oneLine(text), "?")
	if r := []rune(text); len(r) > 500 {
		text = string(r[:500])
	}
	return text
}
