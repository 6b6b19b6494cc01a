// Command tanamori is the operations console of a shared municipal datacenter: the server, its migrations, its
// demonstration, and the tools for the machines it watches.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // the zones of duties are there whatever the machine has

	"github.com/alecthomas/kong"

	"tanamori/api/report"
	"tanamori/database"
	"tanamori/jobs/demo"
	"tanamori/jobs/demo/scale"
	"tanamori/migrations"
	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/founding"
	"tanamori/tenants/people"
	"tanamori/tenants/tlog"
	"tanamori/tenants/town"
)

// version is set when the binary is built.
var version = "devel"

// settings come from the environment or from flags; every command takes those it needs.
type settings struct {
	DatabaseURL string `env:"TANAMORI_DATABASE_URL" placeholder:"URL" help:"Postgres of your own (its owner's login); empty: the embedded one."`
	DataDir     string `env:"TANAMORI_DATA_DIR" default:"./data" placeholder:"DIR" help:"Where the embedded database and the demonstration's archives lie."`
	SecretFile  string `env:"TANAMORI_SECRET_KEY_FILE" name:"secret-key-file" placeholder:"FILE" help:"Keys that unlock what is secret in the database; default secret.key in the data directory, made at the first start."`
	SecretKey   string `env:"TANAMORI_SECRET_KEY" name:"secret-key" placeholder:"KEYS" help:"The keys themselves in place of a file: 64 hexadecimal digits, the newest behind a comma."`
	RequireTLS  bool   `env:"TANAMORI_REQUIRE_TLS" name:"require-tls" help:"Refuse any way to people, to the mail server and to the database that is not encrypted, beyond this machine."`
	PGBin       string `env:"TANAMORI_PG_BIN" placeholder:"DIR" help:"Where initdb and postgres are, for the embedded database."`
	Log         string `env:"TANAMORI_LOG" default:"info" enum:"debug,info,warn,error" help:"How much to log: debug, info, warn or error."`
}

type serveCmd struct {
	Listen   string `env:"TANAMORI_LISTEN" default:"127.0.0.1:8080" help:"Address to listen on."`
	BaseURL  string `env:"TANAMORI_BASE_URL" placeholder:"URL" help:"How people reach the console; it stands in mails. Default: http:// and the listening address."`
	SMTPURL  string `env:"TANAMORI_SMTP_URL" name:"smtp-url" placeholder:"URL" help:"smtp://user:pass@host:25; empty: mails stay in the outbox."`
	MailFrom string `env:"TANAMORI_MAIL_FROM" placeholder:"ADDRESS" help:"Sender of the mails."`
	Beacon   string `env:"TANAMORI_HEARTBEAT_URL" name:"heartbeat-url" placeholder:"URL" help:"Fetched every minute while all is well, so that somebody outside notices when it no longer is."`
	Zone     string `env:"TANAMORI_TZ" name:"tz" default:"Asia/Tokyo" help:"Zone of times where no town has its own."`
	doorway
	StoreRoots []string `env:"TANAMORI_STORE_ROOTS" name:"store-roots" default:"/srv,/mnt,/media" placeholder:"DIR" help:"Folders that stores may lie in, with commas between; any other is neither taken nor opened. The demonstration's own is added."`

	Demo bool `help:"Load the demonstration first where the database is empty."`

	Lease time.Duration `env:"TANAMORI_LEASE" default:"2m" hidden:"" help:"How long a claim on a message or an examination holds; tests shorten it."`
}

type cli struct {
	settings

	Serve    serveCmd     `cmd:"" help:"Run the console."`
	Migrate  struct{}     `cmd:"" help:"Bring the database up to this version and stop."`
	Demo     demoCmd      `cmd:"" help:"Load the demonstration into an empty database and stop."`
	Found    foundCmd     `cmd:"" help:"Make a consortium, its host town and the host's first administrator in an empty database."`
	Token    tokenCmd     `cmd:"" help:"Tokens for the API."`
	Unseal   unsealCmd    `cmd:"" help:"Let an administrator in again by the management password, which two persons take out of its envelope."`
	Report   report.Flags `cmd:"" help:"Check in from the machine that made a backup: hash, size, duration."`
	Verify   verifyCmd    `cmd:"" help:"Check exported evidence and volumes (簿冊) with nothing but the file: hashes, proofs, signatures, order."`
	Health   healthCmd    `cmd:"" help:"Ask a running console whether it is ready; exit 0 when it is."`
	Restored struct{}     `cmd:"" help:"Say that the database was restored from a copy of its files: each town's log of evidence records it."`
	Secret   secretCmd    `cmd:"" help:"The keys that unlock what is secret in the database, and the installation's secret."`
	Version  struct{}     `cmd:"" help:"Print the version."`
}

type demoCmd struct {
	Nights int `default:"30" help:"Nights of history to make."`

	Scale      bool `help:"Load a large made-up installation to measure on instead: COPY, minutes. Its machines do not exist."`
	Consortia  int  `default:"1" help:"With --scale: how many consortia the towns belong to; the first has the sign-ins."`
	Towns      int  `default:"1741" help:"With --scale: how many towns, hosts included."`
	Servers    int  `default:"20" help:"With --scale: servers of each town."`
	Reach      int  `default:"2557" help:"With --scale: nights that the evidence reaches back (2557: seven years)."`
	WholeTowns int  `default:"2" help:"With --scale: towns of which every night is kept; the others' are thinned."`
	Rows       int  `default:"10000000" help:"With --scale: rows of evidence, about."`
}

type foundCmd struct {
	Consortium string `required:"" help:"Name of the shared datacenter (蘭越町 戸籍データセンター)."`
	Town       string `required:"" help:"Host town's name (蘭越町)."`
	Kana       string `required:"" help:"Its reading (らんこしちょう)."`
	Code       string `required:"" help:"Its six-digit code (013943)."`
	Zone       string `default:"Asia/Tokyo" help:"Its time zone."`
	Login      string `required:"" help:"Sign-in name of the first administrator."`
	Name       string `required:"" help:"Name of the first administrator."`
	Title      string `required:"" help:"Their office (住民福祉課長)."`
}

type tokenCmd struct {
	Create struct {
		Login string        `required:"" help:"Whose token it is."`
		Name  string        `required:"" help:"What it is for."`
		For   time.Duration `default:"8760h" help:"How long it is good for."`
	} `cmd:"" help:"Make a bearer token and print it, this once."`
}

type healthCmd struct {
	URL string `default:"http://127.0.0.1:8080" help:"Address of the console."`
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// run carries out one command: 0 done, 1 failed, 2 called wrongly.
func run(ctx context.Context, args []string) int {
	own, command := args, []string(nil)
	if len(args) > 0 && args[0] == "report" {
		own, command = report.Split(args)
	}
	var c cli
	parser, err := kong.New(&c, kong.Name("tanamori"), kong.Description("棚守: the operations console of a shared municipal datacenter."),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 2
	}
	parsed, err := parser.Parse(own)
	if err != nil {
		fmt.Fprintln(os.Stderr, "tanamori:", err)
		fmt.Fprintln(os.Stderr, "tanamori --help says what there is.")
		return 2
	}
	log := logger(c.Log)
	slog.SetDefault(log)
	switch parsed.Command() {
	case "version":
		fmt.Println(version)
		return 0
	case "report", "report <file>":
		o := c.Report.Options(command)
		o.Stdin, o.Stdout, o.Stderr, o.Version = os.Stdin, os.Stdout, os.Stderr, version
		return report.Run(ctx, o)
	case "verify <file>":
		return c.Verify.run(os.Stdin, os.Stdout, os.Stderr)
	case "health":
		err = c.Health.run(ctx)
	case "serve":
		err = serve(ctx, c.settings, c.Serve, log)
	default:
		err = withDatabase(ctx, c.settings, log, func(h *database.Handle) error {
			ground := tenants.NewGround(h.Gorm, time.Now)
			switch parsed.Command() {
			case "demo":
				return c.Demo.run(ctx, c.settings, h, log)
			case "found":
				return c.Found.run(ctx, h, ground)
			case "restored":
				return ground.Do(ctx, tenants.Job("restored"), func(ctx context.Context, tx *tenants.Tx) error {
					n, err := tlog.Restored(ctx, tx)
					fmt.Printf("%d\n", n)
					return err
				})
			case "unseal":
				return c.Unseal.run(ctx, ground, os.Stdin, os.Stdout, os.Stderr)
			case "token create":
				return c.Token.run(ctx, ground)
			case "secret list", "secret add", "secret rotate", "secret links", "secret lost":
				return c.Secret.run(ctx, parsed.Command(), c.settings, ground)
			}
			return nil // migrate: opening did it
		})
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "tanamori:", err)
		return 1
	}
	return 0
}

func logger(level string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo // kong has checked it
	}
	return slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: l}))
}

func (s settings) open(ctx context.Context, log *slog.Logger) (*database.Handle, error) {
	dir, err := filepath.Abs(s.DataDir)
	if err != nil {
		return nil, fmt.Errorf("data directory: %w", err)
	}
	modules := []string{filepath.Join(dir, "..", "frontend", "node_modules")}
	if exe, err := os.Executable(); err == nil {
		modules = append(modules, filepath.Join(filepath.Dir(exe), "..", "frontend", "node_modules"), filepath.Join(filepath.Dir(exe), "node_modules"))
	}
	return database.Open(ctx, database.Options{URL: s.DatabaseURL, DataDir: dir, PGBin: s.PGBin, NodeModules: modules, Logger: log, RequireTLS: s.RequireTLS,
		Migrate: migrations.Apply})
}

func withDatabase(ctx context.Context, s settings, log *slog.Logger, fn func(*database.Handle) error) (err error) {
	h, err := s.open(ctx, log)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.Close(context.WithoutCancel(ctx))) }()
	return fn(h)
}

func (c demoCmd) run(ctx context.Context, s settings, h *database.Handle, log *slog.Logger) error {
	if c.Scale {
		_, err := scale.Load(ctx, scale.Options{Handle: h, Consortia: c.Consortia, Towns: c.Towns, Servers: c.Servers, Nights: c.Reach,
			WholeTowns: c.WholeTowns, Rows: c.Rows, Out: os.Stdout})
		return err
	}
	dir, err := filepath.Abs(s.DataDir)
	if err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	ring, err := s.begin(ctx, h, log)
	if err != nil {
		return err
	}
	loaded, err := demo.Load(ctx, demo.Options{Handle: h, Dir: filepath.Join(dir, "demo"), Nights: c.Nights, Log: log, Out: os.Stdout,
		BaseURL: "http://127.0.0.1:8080", Keys: ring})
	if err == nil && !loaded {
		return errors.New("the database is not empty; the demonstration is loaded into an empty one only")
	}
	return err
}

func (c foundCmd) run(ctx context.Context, h *database.Handle, ground *tenants.Ground) error {
	if h.OwnerConnString == "" {
		return errors.New("founding needs the database owner's login in TANAMORI_DATABASE_URL")
	}
	empty, err := founding.Empty(ctx, h.OwnerConnString)
	if err != nil {
		return err
	}
	if !empty {
		return errors.New("there is a consortium already")
	}
	if err := town.CheckCode(c.Code); err != nil {
		return err
	}
	made, err := founding.Found(ctx, h.OwnerConnString, founding.Input{Consortium: c.Consortium, TownName: c.Town, TownKana: c.Kana,
		TownCode: c.Code, Zone: c.Zone, Since: ground.Now()}, ground.Now())
	if err != nil {
		return err
	}
	var password string
	err = ground.Do(ctx, made.Founder("tanamori found"), func(ctx context.Context, tx *tenants.Tx) (err error) {
		zone, err := time.LoadLocation(c.Zone)
		if err != nil {
			return err
		}
		_, password, err = people.Add(ctx, tx, made.TenantID, people.Input{Login: c.Login, Name: c.Name,
			Posts: []people.PostInput{{Kind: tenants.HostAdmin, Title: c.Title, FromOn: calendar.DateOf(tx.Now, zone), NoEnd: true}}}) // nobody else could prolong it
		return err
	})
	if err != nil {
		return err
	}
	fmt.Printf("%s  %s\n", c.Login, password)
	return nil
}

func (c tokenCmd) run(ctx context.Context, ground *tenants.Ground) error {
	var plain string
	err := ground.Do(ctx, tenants.Gate("token", "command line"), func(ctx context.Context, tx *tenants.Tx) (err error) {
		plain, err = people.CreateTokenFor(ctx, tx, c.Create.Login, c.Create.Name, tx.Now.Add(c.Create.For))
		return err
	})
	if err != nil {
		return err
	}
	fmt.Println(plain)
	return nil
}

func (c healthCmd) run(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimRight(c.URL, "/")+"/readyz", nil)
	if err != nil {
		return err
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }() // only its status matters
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("not ready: %s", resp.Status)
	}
	return nil
}
