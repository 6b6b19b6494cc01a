package people

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/require"
	"golang.org/x/text/encoding/japanese"
)

// A list says the same with a byte order mark and without; where it can be written in Shift_JIS and read back, it says the
// same in that too; and it is never longer than it may be.
func FuzzImportIsReadTheSameInEachEncoding(f *testing.F) {
	f.Add([]byte("login,name,kind,title,from,until,document\nmihon,見本 一郎,town,主事,R8.4.1,,\n"))
	f.Add([]byte("\"a\nb\",c\r\n\r\n,,\n"))
	f.Add([]byte{0x8c, 0xa9, 0x96, 0x7b, ',', 0xff})
	f.Fuzz(func(t *testing.T, raw []byte) {
		lines, encoding, err := readCSV(raw)
		require.LessOrEqual(t, len(lines), longestImport)
		if encoding != "UTF-8" || bytes.HasPrefix(raw, []byte("\ufeff")) {
			return
		}
		marked, _, markedErr := readCSV(append([]byte("\ufeff"), raw...))
		require.Equal(t, err == nil, markedErr == nil)
		require.Equal(t, lines, marked)
		shift, encodeErr := japanese.ShiftJIS.NewEncoder().Bytes(raw)
		if encodeErr != nil {
			return
		}
		if back, err := japanese.ShiftJIS.NewDecoder().Bytes(shift); err != nil || !bytes.Equal(back, raw) || bytes.Equal(shift, raw) {
			return
		}
		if other, encoding, _ := readCSV(shift); encoding == "Shift_JIS" { // a few bytes are good in both, and then UTF-8
			require.Equal(t, lines, other)
		}
	})
}
