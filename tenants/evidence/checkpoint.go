package evidence

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Checkpoint is the state of a town's tree (C2SP tlog-checkpoint). The time is an extension line, and so is the key that signs
// from here on, where it is another than before: the old key vouches for the new one. A second signature alone does not, since
// anyone can put theirs below a note.
type Checkpoint struct {
	Origin string
	Size   uint64
	Root   []byte
	At     time.Time
	Next   string // verifier key; "" where none is handed over to
}

const (
	timeLine = "at "
	nextLine = "key "
)

// Text is what is signed.
func (c Checkpoint) Text() string {
	text := fmt.Sprintf("%s\n%d\n%s\n%s%s\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root), timeLine, c.At.UTC().Format(time.RFC3339Nano))
	if c.Next != "" {
		text += nextLine + c.Next + "\n"
	}
	return text
}

// ParseCheckpoint reads the text of a note.
func ParseCheckpoint(text string) (Checkpoint, error) {
	var c Checkpoint
	lines := strings.Split(text, "\n")
	if len(lines) < 5 || lines[0] == "" || lines[len(lines)-1] != "" {
		return c, errors.New("not a checkpoint")
	}
	size, err := strconv.ParseUint(lines[1], 10, 63)
	if err != nil || strconv.FormatUint(size, 10) != lines[1] {
		return c, fmt.Errorf("not the size of a tree: %.40q", lines[1])
	}
	root, err := base64.StdEncoding.Strict().DecodeString(lines[2])
	if err != nil || len(root) != 32 {
		return c, errors.New("not the root of a tree")
	}
	stamp, ok := strings.CutPrefix(lines[3], timeLine)
	at, err := time.Parse(time.RFC3339Nano, stamp)
	if !ok || err != nil {
		return c, errors.New("a checkpoint without its time")
	}
	c = Checkpoint{Origin: lines[0], Size: size, Root: root, At: at.UTC()}
	for _, l := range lines[4:] {
		if next, ok := strings.CutPrefix(l, nextLine); ok && c.Next == "" {
			c.Next = next
		}
	}
	return c, nil
}

// Sign writes the signed note. After a change of keys the old one signs once more beside the new one, which the checkpoint
// names as Next: whoever trusts the old one is led on to the new.
func Sign(c Checkpoint, signers ...string) (string, error) {
	keys := make([]note.Signer, len(signers))
	for i, s := range signers {
		key, err := note.NewSigner(s)
		if err != nil {
			return "", fmt.Errorf("sign checkpoint %d: %w", c.Size, err)
		}
		keys[i] = key
	}
	signed, err := note.Sign(&note.Note{Text: c.Text()}, keys...)
	if err != nil {
		return "", fmt.Errorf("sign checkpoint %d: %w", c.Size, err)
	}
	return string(signed), nil
}

// Open reads a signed note and gives the verifier keys, of those given, that signed it. None is an error.
func Open(signed string, verifiers ...string) (Checkpoint, []string, error) {
	known, byHash := make([]note.Verifier, len(verifiers)), map[uint32]string{}
	for i, k := range verifiers {
		v, err := note.NewVerifier(k)
		if err != nil {
			return Checkpoint{}, nil, fmt.Errorf("read key %.80q: %w", k, err)
		}
		known[i], byHash[v.KeyHash()] = v, k
	}
	n, err := note.Open([]byte(signed), note.VerifierList(known...))
	if err != nil {
		return Checkpoint{}, nil, fmt.Errorf("read the signature: %w", err)
	}
	c, err := ParseCheckpoint(n.Text)
	if err != nil {
		return Checkpoint{}, nil, err
	}
	var by []string
	for _, s := range n.Sigs {
		if s.Name != c.Origin {
			return Checkpoint{}, nil, fmt.Errorf("signed by %q and not by its origin", s.Name)
		}
		by = append(by, byHash[s.Hash])
	}
	return c, by, nil
}
