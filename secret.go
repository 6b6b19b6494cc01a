package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"tanamori/database"
	"tanamori/tenants"
	"tanamori/tenants/tlog"
	"tanamori/tenants/vault"
)

type secretCmd struct {
	List   struct{} `cmd:"" help:"Which keys the database knows and how much is locked under each; the last one locks."`
	Add    struct{} `cmd:"" help:"Add a new key to the file. It locks nothing before rotate: bring the file to every node first."`
	Rotate struct{} `cmd:"" help:"Lock everything anew under the file's newest key while all runs; stopped, it goes on where it was."`
	Links  struct {
		Keep time.Duration `default:"2160h" help:"How long links that were sent before still open; 0: they are void at once."`
	} `cmd:"" help:"Give the installation a new secret, which signs the links in mails from now on."`
	Lost struct {
		Yes bool `help:"Yes, the key is lost for good."`
	} `cmd:"" help:"Give up what is locked under keys that are lost: apps are set up again, evidence gets new keys, links are void."`
}

// ring is the keys of this process: those of the environment, or those of the file.
func (s settings) ring() (*vault.Ring, error) {
	if s.SecretKey != "" {
		r, err := vault.Parse(s.SecretKey)
		if err == nil && r.Newest() == "" {
			err = errors.New("no key in it")
		}
		if err != nil {
			return nil, fmt.Errorf("TANAMORI_SECRET_KEY: %w", err)
		}
		return r, nil
	}
	file := s.SecretFile
	if file == "" {
		file = filepath.Join(s.DataDir, "secret.key")
	}
	file, err := filepath.Abs(file)
	if err != nil {
		return nil, fmt.Errorf("TANAMORI_SECRET_KEY_FILE: %w", err)
	}
	r, err := vault.Load(file)
	if err != nil {
		return nil, fmt.Errorf("TANAMORI_SECRET_KEY_FILE: %w", err)
	}
	return r, nil
}

// begin is the ring of a process that works on the database. A database without keys gets its first one. Where a key is
// missing the process runs on, not ready, and says what to do: whatever needs no secret works meanwhile.
func (s settings) begin(ctx context.Context, h *database.Handle, log *slog.Logger) (*vault.Ring, error) {
	ring, err := s.ring()
	if err != nil {
		return nil, err
	}
	clock := tenants.NewClock(tenants.ClockConfig{Ask: h.Now})
	if _, err := clock.Compare(ctx); err != nil {
		return nil, err
	}
	var missing []string
	err = tenants.NewGround(h.Gorm, clock.Now).With(ring).Do(ctx, tenants.Job("secret"), func(ctx context.Context, tx *tenants.Tx) error {
		made, err := vault.Begin(ctx, tx, ring)
		if err != nil {
			return err
		}
		if made != "" {
			log.WarnContext(ctx, "made the key that unlocks what is secret in the database: keep a copy apart from the dumps", "file", ring.Where(), "key", made)
		}
		missing, err = vault.Missing(ctx, tx)
		return err
	})
	if err == nil && len(missing) > 0 {
		log.ErrorContext(ctx, "not ready", "why", vault.Advice(missing))
	}
	return ring, err
}

const rotateAtOnce = 500

func (c secretCmd) run(ctx context.Context, command string, s settings, ground *tenants.Ground) error {
	ring, err := s.ring()
	if err != nil {
		return err
	}
	ground.With(ring)
	do := func(act func(ctx context.Context, tx *tenants.Tx) error) error {
		return ground.Do(ctx, tenants.Job("secret"), act)
	}
	switch command {
	case "secret list":
		return do(func(ctx context.Context, tx *tenants.Tx) error { return c.list(ctx, tx, ring) })
	case "secret add":
		id, err := ring.Make()
		if err == nil {
			fmt.Println(id)
		}
		return err
	case "secret rotate":
		return c.rotate(do, ring)
	case "secret links":
		return do(func(ctx context.Context, tx *tenants.Tx) error {
			return vault.Replace(ctx, tx, tx.Now.Add(c.Links.Keep))
		})
	}
	if !c.Lost.Yes {
		return errors.New("nothing was done: with --yes what is locked under keys that are not here is given up for good")
	}
	return do(func(ctx context.Context, tx *tenants.Tx) error {
		lost, err := vault.GiveUp(ctx, tx, ring)
		if err != nil {
			return err
		}
		if err := tlog.Lost(ctx, tx, lost.Towns); err != nil {
			return err
		}
		fmt.Printf("given up %v: %d authenticator apps to set up again, new evidence keys for %d towns\n", lost.Keys, lost.Apps, len(lost.Towns))
		return nil
	})
}

func (c secretCmd) list(ctx context.Context, tx *tenants.Tx, ring *vault.Ring) error {
	uses, err := vault.List(ctx, tx)
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, u := range uses {
		known[u.KeyID] = true
		here := "here"
		if !ring.Holds(u.KeyID) {
			here = "MISSING"
		}
		fmt.Printf("%s  %d  %s\n", u.KeyID, u.Secrets, here)
	}
	for _, id := range ring.IDs() {
		if !known[id] {
			fmt.Printf("%s  0  here, not in use\n", id)
		}
	}
	return nil
}

func (c secretCmd) rotate(do func(func(context.Context, *tenants.Tx) error) error, ring *vault.Ring) error {
	var id string
	err := do(func(ctx context.Context, tx *tenants.Tx) (err error) {
		var fresh bool
		if id, fresh, err = vault.Adopt(ctx, tx, ring); err == nil && fresh {
			fmt.Printf("%s locks from now on\n", id)
		}
		return err
	})
	if err != nil {
		return err
	}
	total := 0
	for did := 1; did > 0; total += did {
		err := do(func(ctx context.Context, tx *tenants.Tx) (err error) {
			did, err = vault.Rotate(ctx, tx, rotateAtOnce)
			return err
		})
		if err != nil {
			return err
		}
	}
	var retired []string
	err = do(func(ctx context.Context, tx *tenants.Tx) (err error) {
		retired, err = vault.Retire(ctx, tx)
		return err
	})
	if err != nil {
		return err
	}
	fmt.Printf("%d secrets locked anew under %s; no longer in use: %v\n", total, id, retired)
	return nil
}
