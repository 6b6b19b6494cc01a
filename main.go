// Command tanamori is the operations console of a shared municipal datacenter: the server, its migrations, its
// demonstration, and the tools for the machines it watches.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	_ "time/tzdata" // the zones of duties are there whatever the machine has

	"github.com/alecthomas/kong"
	"github.com/labstack/echo/v4"

	"tanamori/api"
	"tanamori/api/gate"
	"tanamori/api/ping"
	"tanamori/api/report"
	"tanamori/database"
	"tanamori/frontend"
	"tanamori/jobs"
	"tanamori/jobs/demo"
	"tanamori/jobs/mail"
	"tanamori/migrations"
	"tanamori/tenants"
	"tanamori/tenants/checkin"
	"tanamori/tenants/people"
)

// version is set when the binary is built.
var version = "devel"

// settings come from the environment or from flags; every command takes those it needs.
type settings struct {
	DatabaseURL string `env:"TANAMORI_DATABASE_URL" placeholder:"URL" help:"Postgres of your own (its owner's login); empty: the embedded one."`
	DataDir     string `env:"TANAMORI_DATA_DIR" default:"./data" placeholder:"DIR" help:"Where the embedded database and the demonstration's archives lie."`
	PGBin       string `env:"TANAMORI_PG_BIN" placeholder:"DIR" help:"Where initdb and postgres are, for the embedded database."`
	Log         string `env:"TANAMORI_LOG" default:"info" enum:"debug,info,warn,error" help:"How much to log: debug, info, warn or error."`
}

type serveCmd struct {
	Listen   string `env:"TANAMORI_LISTEN" default:"127.0.0.1:8080" help:"Address to listen on."`
	BaseURL  string `env:"TANAMORI_BASE_URL" placeholder:"URL" help:"How people reach the console; it stands in mails. Default: http:// and the listening address."`
	SMTPURL  string `env:"TANAMORI_SMTP_URL" name:"smtp-url" placeholder:"URL" help:"smtp://user:pass@host:25; empty: mails stay in the outbox."`
	MailFrom string `env:"TANAMORI_MAIL_FROM" placeholder:"ADDRESS" help:"Sender of the mails."`
	Zone     string `env:"TANAMORI_TZ" name:"tz" default:"Asia/Tokyo" help:"Zone of times where no town has its own."`
	Demo     bool   `help:"Load the demonstration first where the database is empty."`
}

type cli struct {
	settings

	Serve   serveCmd     `cmd:"" help:"Run the console."`
	Migrate struct{}     `cmd:"" help:"Bring the database up to this version and stop."`
	Demo    demoCmd      `cmd:"" help:"Load the demonstration into an empty database and stop."`
	Token   tokenCmd     `cmd:"" help:"Tokens for the API."`
	Report  report.Flags `cmd:"" help:"Check in from the machine that made a backup: hash, size, duration."`
	Health  healthCmd    `cmd:"" help:"Ask a running console whether it is ready; exit 0 when it is."`
	Version struct{}     `cmd:"" help:"Print the version."`
}

type demoCmd struct {
	Nights int `default:"30" help:"Nights of history to make."`
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
			case "token create":
				return c.Token.run(ctx, ground)
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
	return database.Open(ctx, database.Options{URL: s.DatabaseURL, DataDir: dir, PGBin: s.PGBin, NodeModules: modules, Logger: log,
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
	dir, err := filepath.Abs(s.DataDir)
	if err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	loaded, err := demo.Load(ctx, demo.Options{Handle: h, Dir: filepath.Join(dir, "demo"), Nights: c.Nights, Log: log, Out: os.Stdout,
		BaseURL: "http://127.0.0.1:8080"})
	if err == nil && !loaded {
		return errors.New("the database is not empty; the demonstration is loaded into an empty one only")
	}
	return err
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

// post is how mails leave: the SMTP server that was named, or the demonstration's own, or not at all.
func (c serveCmd) post(mailbox *demo.Mailbox) (*jobs.Post, error) {
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return nil, fmt.Errorf("TANAMORI_TZ: %w", err)
	}
	p := &jobs.Post{BaseURL: c.BaseURL, Zone: zone}
	url, from := c.SMTPURL, c.MailFrom
	if url == "" && mailbox != nil {
		url = mailbox.URL()
	}
	if url == "" {
		return p, nil
	}
	if from == "" {
		from = demo.From
		if c.SMTPURL != "" {
			return nil, errors.New("TANAMORI_MAIL_FROM is empty: mails need a sender")
		}
	}
	sender, err := mail.New(url, from)
	if err != nil {
		return nil, fmt.Errorf("TANAMORI_SMTP_URL: %w", err)
	}
	p.Carrier = sender
	return p, nil
}

// base is the console's address as people open it.
func (c *serveCmd) base() error {
	if c.BaseURL != "" {
		return nil
	}
	host, port, err := net.SplitHostPort(c.Listen)
	if err != nil {
		return fmt.Errorf("TANAMORI_LISTEN: %w", err)
	}
	if host == "" || host == "0.0.0.0" || host == "::" {
		host = "127.0.0.1"
	}
	c.BaseURL = "http://" + net.JoinHostPort(host, port)
	return nil
}

// serve wires everything and stops it in reverse order: the doors first, then the jobs, the database last.
func serve(ctx context.Context, s settings, c serveCmd, log *slog.Logger) (err error) {
	if err := c.base(); err != nil {
		return err
	}
	var stops stack
	defer func() { err = errors.Join(err, stops.unwind(log)) }()
	h, err := s.open(ctx, log)
	if err != nil {
		return err
	}
	stops.add("database", h.Close)
	ground := tenants.NewGround(h.Gorm, time.Now)

	mailbox, err := c.demonstration(ctx, s, h, log, &stops)
	if err != nil {
		return err
	}
	post, err := c.post(mailbox)
	if err != nil {
		return err
	}
	bell := tenants.NewBell(h.Pool, log)
	stops.run("wake-ups", bell.Run)
	tower := jobs.New(jobs.Config{Ground: ground, Bell: bell, Log: log, Post: post})
	stops.run("jobs", func(ctx context.Context) {
		if err := tower.Run(ctx); err != nil {
			log.ErrorContext(ctx, "the jobs do not run", "error", err)
		}
	})
	intake := checkin.NewIntake(h.Pool, time.Now, log, checkin.IntakeConfig{})
	stops.add("check-ins", intake.Stop)

	doors, err := gate.New(gate.Config{Ground: ground, Pool: h.Pool, Log: log, BaseURL: c.BaseURL})
	if err != nil {
		return err
	}
	stops.add("sessions", func(context.Context) error { doors.Close(); return nil })
	e := gate.Server(doors)
	ping.Mount(e, intake, log)
	if err := api.Mount(e, doors, api.Config{Version: version, BaseURL: c.BaseURL, Pool: h.Pool, Intake: intake}); err != nil {
		return err
	}
	if err := frontend.Mount(e, doors, frontend.Config{Bell: bell, BaseURL: c.BaseURL, Zone: post.Zone, MailReady: post.Configured(), Mailbox: pages(mailbox)}); err != nil {
		return err
	}
	if mailbox != nil {
		machines := demo.NewMachines(filepath.Join(s.DataDir, "demo"), intake, time.Now, log)
		stops.run("demonstration machines", machines.Run)
	}
	return listen(ctx, c, e, &stops, log)
}

func listen(ctx context.Context, c serveCmd, e *echo.Echo, stops *stack, log *slog.Logger) error {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("TANAMORI_LISTEN: %w", err)
	}
	server := &http.Server{Handler: e, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	// Streams of events end when the server does; without this they would hold it up.
	base, cut := context.WithCancel(context.WithoutCancel(ctx))
	server.BaseContext = func(net.Listener) context.Context { return base }
	server.RegisterOnShutdown(cut)
	stops.add("http", func(ctx context.Context) error { defer cut(); return server.Shutdown(ctx) })
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(ln) }()
	log.InfoContext(ctx, "listening", "address", ln.Addr().String(), "open", c.BaseURL, "version", version)
	select {
	case <-ctx.Done():
		return nil
	case err := <-failed:
		return fmt.Errorf("serve http: %w", err)
	}
}

// demonstration starts the demonstration's mailbox where the database holds one, and loads it first where it was asked
// for and the database is empty.
func (c serveCmd) demonstration(ctx context.Context, s settings, h *database.Handle, log *slog.Logger, stops *stack) (*demo.Mailbox, error) {
	dir := filepath.Join(s.DataDir, "demo")
	if c.Demo {
		loaded, err := demo.Load(ctx, demo.Options{Handle: h, Dir: dir, Nights: 30, Log: log, Out: os.Stdout, BaseURL: c.BaseURL})
		if err != nil {
			return nil, err
		}
		if !loaded {
			demo.Remind(dir, c.BaseURL, os.Stdout)
		}
	}
	is, err := demo.Is(ctx, h)
	if err != nil || !is || c.SMTPURL != "" {
		return nil, err
	}
	mailbox, err := demo.OpenMailbox(filepath.Join(dir, "mail"), log)
	if err != nil {
		return nil, err
	}
	stops.add("demonstration mailbox", func(context.Context) error { return mailbox.Close() })
	return mailbox, nil
}

// pages hands the demonstration's mails to its page; nil where there is no demonstration.
func pages(mailbox *demo.Mailbox) frontend.Mailbox {
	if mailbox == nil {
		return nil
	}
	return func(limit int) ([]frontend.MailboxMail, error) {
		mails, err := mailbox.List(limit)
		if err != nil {
			return nil, err
		}
		out := make([]frontend.MailboxMail, len(mails))
		for i, m := range mails {
			out[i] = frontend.MailboxMail{ID: m.ID, From: demo.From, To: m.To, Subject: m.Subject, Text: m.Text, At: m.At}
		}
		return out, nil
	}
}

// stack is what must be stopped, last begun first.
type stack struct {
	names []string
	funcs []func(context.Context) error
}

func (s *stack) add(name string, stop func(context.Context) error) {
	s.names, s.funcs = append(s.names, name), append(s.funcs, stop)
}

// run starts something that lasts until its context ends; stopping it waits for that.
func (s *stack) run(name string, fn func(context.Context)) {
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() { defer close(done); fn(ctx) }()
	s.add(name, func(ctx context.Context) error {
		cancel()
		select {
		case <-done:
			return nil
		case <-ctx.Done():
			return ctx.Err()
		}
	})
}

func (s *stack) unwind(log *slog.Logger) error {
	var errs []error
	for i := len(s.funcs) - 1; i >= 0; i-- {
		ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
		if err := s.funcs[i](ctx); err != nil {
			errs = append(errs, fmt.Errorf("stop %s: %w", s.names[i], err))
		}
		cancel()
		log.Debug("stopped", "part", s.names[i])
	}
	return errors.Join(errs...)
}
