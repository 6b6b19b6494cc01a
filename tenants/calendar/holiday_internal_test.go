package calendar

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReadHolidaysRefusesABrokenTable(t *testing.T) {
	t.Parallel()
	table, err := readHolidays("# source\ndate,ja,en\n2026-11-23,勤労感謝の日,Labor Thanksgiving Day\r\n\n")
	require.NoError(t, err)
	require.Equal(t, "2026-12-31", table.ends.String())
	for name, csv := range map[string]string{
		"empty":        "# source\ndate,ja,en\n",
		"no such day":  "2026-02-30,休日,Holiday\n",
		"no name":      "2026-11-23,,Holiday\n",
		"short line":   "2026-11-23,勤労感謝の日\n",
		"out of order": "2026-11-23,勤労感謝の日,x\n2026-11-03,文化の日,y\n",
		"twice":        "2026-11-23,勤労感謝の日,x\n2026-11-23,勤労感謝の日,x\n",
	} {
		_, err := readHolidays(csv)
		require.Error(t, err, name)
	}
}
