package backup

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
)

// Not parallel: the folders are those of the process.
func TestAStoreElsewhereIsRefusedAtItsField(t *testing.T) {
	AllowRoots("/srv", "/mnt")
	defer AllowRoots()
	for root, good := range map[string]bool{"/mnt/nas": true, "/srv": true, "/mnt/../etc": false, "/etc": false, "/mnt2/a": false} {
		in := StoreInput{Name: "NAS", Root: root}
		err := in.check()
		require.Equal(t, good, err == nil, root)
		if !good {
			f := tenants.AsFault(err)
			require.Equal(t, "root", f.Fields[0].Field)
			require.Contains(t, f.Fields[0].Ja, "/srv /mnt")
		}
	}
}
