package database

import (
	"context"
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
)

// SQLSTATE codes, https://www.postgresql.org/docs/current/errcodes-appendix.html
const (
	invalidPassword      = "28P01"
	invalidAuthorization = "28000"
	duplicateDatabase    = "42P04"
	uniqueViolation      = "23505"
)

// passwordLock is the advisory lock under which one node at a time sets the password.
const passwordLock = 0x74616e61_6d6f7269 // "tanamori"

// AppPassword is the password of tanamori_app, made from the owner's so that every node comes to
// the same one without a second setting. It changes with the owner's password; nodes that still
// run with the former one need a restart then.
func AppPassword(ownerPassword string) string {
	return hex.EncodeToString(hmacSHA256([]byte(ownerPassword), AppRole))
}

// setAppPassword gives tanamori_app its derived password if that does not work yet.
func setAppPassword(ctx context.Context, owner, app *pgx.ConnConfig) (err error) {
	if refused, err := tryLogin(ctx, app); err == nil || !refused {
		return err
	}
	conn, err := pgx.ConnectConfig(ctx, owner)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }() // lets go of the lock too
	if _, err := conn.Exec(ctx, `SELECT pg_advisory_lock($1)`, int64(passwordLock)); err != nil {
		return fmt.Errorf("wait for other nodes: %w", err)
	}
	if refused, err := tryLogin(ctx, app); err == nil || !refused {
		return err // another node was faster
	}
	verifier, err := scramVerifier(app.Password)
	if err != nil {
		return err
	}
	// The server sees a verifier only, so neither its log nor its statistics can show the password.
	// ALTER ROLE takes no parameters; base64 needs no quoting.
	_, err = conn.Exec(ctx, `ALTER ROLE `+AppRole+` PASSWORD '`+verifier+`'`)
	return err
}

// tryLogin connects and lets go again. refused: the server answered, and the password is wrong.
func tryLogin(ctx context.Context, cfg *pgx.ConnConfig) (refused bool, err error) {
	conn, err := pgx.ConnectConfig(ctx, cfg)
	if err != nil {
		return isCode(err, invalidPassword, invalidAuthorization), err
	}
	return false, conn.Close(ctx)
}

// scramVerifier is what PostgreSQL stores for a SCRAM-SHA-256 password (RFC 5803; RFC 7677 asks
// for at least 4096 iterations). The password is ASCII, so it needs no SASLprep.
func scramVerifier(password string) (string, error) {
	const iterations = 4096
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails, see its documentation
	salted, err := pbkdf2.Key(sha256.New, password, salt, iterations, sha256.Size)
	if err != nil {
		return "", fmt.Errorf("derive the verifier: %w", err)
	}
	stored := sha256.Sum256(hmacSHA256(salted, "Client Key"))
	b64 := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("SCRAM-SHA-256$%d:%s$%s:%s", iterations, b64(salt), b64(stored[:]),
		b64(hmacSHA256(salted, "Server Key"))), nil
}

func hmacSHA256(key []byte, message string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(message))
	return mac.Sum(nil)
}

// createDatabase makes the database if it is missing. Another process may be making it too.
func createDatabase(ctx context.Context, connString, dbname string) (err error) {
	conn, err := pgx.Connect(ctx, connString)
	if err != nil {
		return fmt.Errorf("create the database: %w", err)
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	var found bool
	if err := conn.QueryRow(ctx, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1)`, dbname).Scan(&found); err != nil {
		return fmt.Errorf("look for the database: %w", err)
	}
	if found {
		return nil
	}
	_, err = conn.Exec(ctx, `CREATE DATABASE `+pgx.Identifier{dbname}.Sanitize())
	if err != nil && !isCode(err, duplicateDatabase, uniqueViolation) {
		return fmt.Errorf("create the database: %w", err)
	}
	return nil
}

// encrypted refuses an address by which a server elsewhere could be spoken to in clear, or without knowing who it is.
func encrypted(cfg *pgx.ConnConfig) error {
	ways := append([]*pgconn.FallbackConfig{{Host: cfg.Host, TLSConfig: cfg.TLSConfig}}, cfg.Fallbacks...)
	for _, way := range ways {
		ip := net.ParseIP(way.Host)
		if strings.HasPrefix(way.Host, "/") || way.Host == "localhost" || ip != nil && ip.IsLoopback() {
			continue
		}
		if way.TLSConfig == nil || way.TLSConfig.InsecureSkipVerify {
			return errors.New("TANAMORI_REQUIRE_TLS asks for sslmode=verify-full in TANAMORI_DATABASE_URL")
		}
	}
	return nil
}

// isCode reports whether the server refused with one of the SQLSTATE codes.
func isCode(err error, codes ...string) bool {
	var refused *pgconn.PgError
	if !errors.As(err, &refused) {
		return false
	}
	for _, code := range codes {
		if refused.Code == code {
			return true
		}
	}
	return false
}
