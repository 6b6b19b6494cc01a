package tlog_test

// What stands in this file knows nothing of the package that it checks: it reads a file of evidence as the description in
// docs/evidence.md says, with the libraries of others alone.

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"sort"
	"strconv"
	"strings"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
	"golang.org/x/mod/sumdb/note"
)

// outsider checks a file and gives how many rows and checkpoints it proved. It knows nothing of removals and dates.
func outsider(file []byte) (rows, checkpoints int, err error) {
	lines := bufio.NewScanner(bytes.NewReader(file))
	lines.Buffer(nil, 16<<20)
	if !lines.Scan() {
		return 0, 0, errors.New("empty")
	}
	var head map[string]any
	if err := json.Unmarshal(lines.Bytes(), &head); err != nil {
		return 0, 0, err
	}
	var keys []note.Verifier
	for _, k := range head["keys"].([]any) {
		v, err := note.NewVerifier(k.(string))
		if err != nil {
			return 0, 0, err
		}
		keys = append(keys, v)
	}
	var size uint64
	var root []byte
	next := uint64(head["first"].(float64))
	for lines.Scan() {
		d := json.NewDecoder(bytes.NewReader(lines.Bytes()))
		d.UseNumber()
		var l map[string]any
		if err := d.Decode(&l); err != nil {
			return 0, 0, err
		}
		if signed, ok := l["checkpoint"].(string); ok {
			n, err := note.Open([]byte(signed), note.VerifierList(keys...))
			if err != nil {
				return 0, 0, err
			}
			parts := strings.Split(n.Text, "\n")
			if parts[0] != head["origin"] || n.Sigs[0].Name != parts[0] {
				return 0, 0, errors.New("another origin")
			}
			newSize, err := strconv.ParseUint(parts[1], 10, 64)
			if err != nil {
				return 0, 0, err
			}
			newRoot, err := base64.StdEncoding.DecodeString(parts[2])
			if err != nil {
				return 0, 0, err
			}
			if checkpoints > 0 {
				if err := proof.VerifyConsistency(rfc6962.DefaultHasher, size, newSize, bin(l["proof"]), root, newRoot); err != nil {
					return 0, 0, err
				}
			}
			size, root = newSize, newRoot
			checkpoints++
			continue
		}
		r, ok := l["leaf"].(map[string]any)
		if !ok {
			continue
		}
		index, err := strconv.ParseUint(r["index"].(json.Number).String(), 10, 64)
		if err != nil || index != next {
			return 0, 0, fmt.Errorf("leaf %d is not there", next)
		}
		next++
		hash, err := base64.StdEncoding.DecodeString(r["hash"].(string))
		if err != nil {
			return 0, 0, err
		}
		if row, ok := r["row"]; ok {
			leaf := sorted(map[string]any{"id": r["id"], "row": row, "series": r["series"], "town": head["town"]})
			sum := sha256.Sum256(append([]byte{0}, leaf...))
			if !bytes.Equal(sum[:], hash) {
				return 0, 0, fmt.Errorf("leaf %d is not its row", index)
			}
			rows++
		}
		if err := proof.VerifyInclusion(rfc6962.DefaultHasher, index, size, hash, bin(r["proof"]), root); err != nil {
			return 0, 0, fmt.Errorf("leaf %d: %w", index, err)
		}
	}
	if next != uint64(head["end"].(float64)) {
		return 0, 0, errors.New("cut off")
	}
	return rows, checkpoints, lines.Err()
}

func bin(list any) (out [][]byte) {
	items, _ := list.([]any)
	for _, i := range items {
		b, err := base64.StdEncoding.DecodeString(i.(string))
		if err != nil {
			return nil
		}
		out = append(out, b)
	}
	return out
}

// sorted writes a value with sorted names and nothing between; numbers stand as they do in the file.
func sorted(v any) string {
	switch v := v.(type) {
	case map[string]any:
		names := make([]string, 0, len(v))
		for n := range v {
			names = append(names, n)
		}
		sort.Strings(names)
		for i, n := range names {
			names[i] = sorted(n) + ":" + sorted(v[n])
		}
		return "{" + strings.Join(names, ",") + "}"
	case []any:
		parts := make([]string, len(v))
		for i, x := range v {
			parts[i] = sorted(x)
		}
		return "[" + strings.Join(parts, ",") + "]"
	case string:
		var b bytes.Buffer
		e := json.NewEncoder(&b)
		e.SetEscapeHTML(false)
		_ = e.Encode(v)
		return strings.NewReplacer(`\u2028`, "\u2028", `\u2029`, "\u2029").Replace(strings.TrimSuffix(b.String(), "\n"))
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return "null"
}
