package label_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"tanamori/tenants"
	"tanamori/tenants/label"
	"tanamori/tenants/tenantstest"
)

var reading = map[string]tenants.Act{"rack": tenants.ReadRack}

func TestEveryMistypedDigitIsFound(t *testing.T) {
	t.Parallel()
	good := 0
	for n := range 1_000_000 {
		code := fmt.Sprintf("%06d", n)
		if !label.Valid(code) {
			continue
		}
		good++
		if n%97 != 0 {
			continue
		}
		for i := range code {
			for d := byte('0'); d <= '9'; d++ {
				if wrong := code[:i] + string(d) + code[i+1:]; wrong != code {
					require.False(t, label.Valid(wrong), "%s for %s", wrong, code)
				}
			}
			if i > 0 && code[i-1] != code[i] {
				swapped := code[:i-1] + string(code[i]) + string(code[i-1]) + code[i+1:]
				require.False(t, label.Valid(swapped), "%s for %s", swapped, code)
			}
		}
	}
	require.Equal(t, 100_000, good)
}

func TestACodeIsReadAsPeopleTypeIt(t *testing.T) {
	t.Parallel()
	code := "000000"
	require.True(t, label.Valid(code))
	for _, typed := range []string{"000000", " 000-000 ", "０００ー０００", "０００　０００", "http://tanamori.example.jp/at/000000"} {
		require.Equal(t, code, label.Typed(typed), typed)
	}
	for _, typed := range []string{"", "00000", "0000000", "000001", "A-03", "<script>", "/at/"} {
		require.Empty(t, label.Typed(typed), typed)
	}
	require.Equal(t, "000-000", label.Shown(code))
}

func TestALabelIsOneThingForGood(t *testing.T) {
	t.Parallel()
	b := tenantstest.New(t)
	host, town := b.Host("蘭越町", "013943"), b.Town("むかわ町", "015865")
	facility, staff := b.Person(host, tenants.Facility), b.Person(town, tenants.Town)
	b.Consortium()
	stranger := b.Person(b.Host("見本町", "010006"), tenants.Facility)
	var code, other string
	b.Do(facility, func(ctx context.Context, tx *tenants.Tx) (err error) {
		if code, err = label.Make(ctx, tx, tenants.WriteRack, host, "rack", 7); err != nil {
			return err
		}
		found, err := label.Find(ctx, tx, label.Shown(code), reading)
		require.EqualValues(t, 7, found.ObjectID)
		return err
	})
	require.Error(t, b.Try(facility, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := label.Make(ctx, tx, tenants.WriteRack, host, "rack", 7)
		return err
	}), "a thing has one label")
	b.Do(facility, func(ctx context.Context, tx *tenants.Tx) (err error) {
		other, err = label.Replace(ctx, tx, tenants.WriteRack, host, "rack", 7)
		require.NotEqual(t, code, other)
		return err
	})
	b.Fault(tenants.KindGone, facility, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := label.Find(ctx, tx, code, reading)
		return err
	})
	b.Do(facility, func(ctx context.Context, tx *tenants.Tx) error {
		all, err := label.Of(ctx, tx, tenants.ReadRack, host, "rack")
		require.Equal(t, map[int64]string{7: other}, all)
		return err
	})
	for who, kind := range map[*tenants.Actor]tenants.Kind{&staff: tenants.KindForbidden, &stranger: tenants.KindNotFound} {
		b.Fault(kind, *who, func(ctx context.Context, tx *tenants.Tx) error {
			_, err := label.Find(ctx, tx, other, reading)
			return err
		})
	}
	fault := b.Fault(tenants.KindInvalid, facility, func(ctx context.Context, tx *tenants.Tx) error {
		_, err := label.Find(ctx, tx, "123", reading)
		return err
	})
	require.Equal(t, "code", fault.Fields[0].Field)
}
