package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"tanamori/tenants"
	"tanamori/tenants/custody"
	"tanamori/tenants/proposal"
)

type unsealCmd struct {
	Login   string `required:"" help:"Sign-in name of the administrator who is to come in again."`
	Title   string `help:"Their office (住民福祉課長), where they hold no administrator's post today and are to get one."`
	By      string `required:"" help:"Sign-in name of whoever opened the envelope."`
	Witness string `required:"" help:"Sign-in name of the other person who was there."`
	Reason  string `required:"" help:"Why: it stands in the ledger, in the incident and in the messages."`
}

// run reads the management password from standard input, not from the command line, which other users of the machine see.
func (c unsealCmd) run(ctx context.Context, ground *tenants.Ground, in io.Reader, out, said io.Writer) error {
	_, _ = fmt.Fprint(said, "管理パスワード / management password: ") // a prompt that cannot be shown is no reason to stop
	typed, err := bufio.NewReader(io.LimitReader(in, 1024)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read the management password: %w", err)
	}
	input := custody.UnsealInput{Password: strings.TrimSpace(typed), Login: c.Login, Title: c.Title, By: c.By, Witness: c.Witness, Reason: c.Reason}
	var opened custody.Unsealing
	err = ground.Do(ctx, tenants.Gate("unseal", "command line"), func(ctx context.Context, tx *tenants.Tx) (err error) {
		opened, err = custody.Check(ctx, tx, input)
		return err
	})
	if err != nil {
		return told(err)
	}
	if opened.Person == 0 {
		return told(custody.Wrong())
	}
	var password string
	var lifted []proposal.Short
	err = ground.Do(ctx, opened.Actor, func(ctx context.Context, tx *tenants.Tx) (err error) {
		password, lifted, err = custody.Unseal(ctx, tx, opened, input)
		return err
	})
	if err != nil {
		return told(err)
	}
	for _, l := range lifted {
		_, _ = fmt.Fprintf(said, "照合を外しました / asks for no second person any more: %s %s\n", l.Name, l.Act)
	}
	_, _ = fmt.Fprintln(said, "管理パスワードは使用済みです。新しく設定して封入してください。 / It is spent: set a new one and seal it.")
	_, err = fmt.Fprintf(out, "%s  %s\n", c.Login, password)
	return err
}

// told is a fault in both languages: the command line does not know whose it is.
func told(err error) error {
	f := tenants.AsFault(err)
	if f.Kind == tenants.KindInternal || f.Kind == tenants.KindUnavailable {
		return err
	}
	text := f.Ja + " / " + f.En
	for _, x := range f.Fields {
		text += fmt.Sprintf("\n%s: %s / %s", x.Field, x.Ja, x.En)
	}
	return errors.New(text)
}
