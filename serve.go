package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/labstack/echo/v4"
	"golang.org/x/net/netutil"

	"tanamori/api"
	"tanamori/api/gate"
	"tanamori/api/ping"
	"tanamori/database"
	"tanamori/frontend"
	"tanamori/jobs"
	"tanamori/jobs/demo"
	"tanamori/jobs/heartbeat"
	"tanamori/jobs/mail"
	"tanamori/tenants"
	"tanamori/tenants/backup"
	"tanamori/tenants/checkin"
)

// serve wires everything and stops it in reverse order: the doors first, then the jobs, the database last.
func serve(ctx context.Context, s settings, c serveCmd, log *slog.Logger) (err error) {
	if err := c.base(); err != nil {
		return err
	}
	if err := c.storeRoots(s); err != nil {
		return err
	}
	tune()
	var stops stack
	defer func() { err = errors.Join(err, stops.unwind(log)) }()
	h, err := s.open(ctx, log)
	if err != nil {
		return err
	}
	stops.add("database", h.Close)
	ring, err := s.begin(ctx, h, log)
	if err != nil {
		return err
	}
	mailbox, err := c.demonstration(ctx, s, h, ring, log, &stops)
	if err != nil {
		return err
	}
	post, err := c.post(mailbox, s.RequireTLS)
	if err != nil {
		return err
	}
	clock := tenants.NewClock(tenants.ClockConfig{Ask: h.Now})
	if _, err := clock.Compare(ctx); err != nil {
		return err
	}
	outside, err := c.gate(c.BaseURL)
	if err != nil {
		return err
	}
	one, err := wire(h, ring, clock.Now, outside, post, c.Lease, mailbox, log, &stops)
	if err != nil {
		return err
	}
	one.tower.KeepTime(clock)
	stops.run("wake-ups", one.bell.Run)
	stops.run("jobs", func(ctx context.Context) {
		if err := one.tower.Run(ctx); err != nil {
			log.ErrorContext(ctx, "the jobs do not run", "error", err)
		}
	})
	if mailbox != nil {
		machines := demo.NewMachines(filepath.Join(s.DataDir, "demo"), one.intake, clock.Now, log)
		stops.run("demonstration machines", machines.Run)
	}
	return listen(ctx, c, s.RequireTLS, one.doors, &stops, log)
}

// console is one node but for its database and its socket.
type console struct {
	bell   *tenants.Bell
	tower  *jobs.Tower
	intake *checkin.Intake
	doors  *echo.Echo
}

// wire puts a node together: the jobs, the intake and the three doors, all on one database and one clock.
func wire(h *database.Handle, keys tenants.Keyring, clock func() time.Time, outside gate.Config, post *jobs.Post, lease time.Duration, mailbox *demo.Mailbox, log *slog.Logger, stops *stack) (*console, error) {
	ground := tenants.NewGround(h.Gorm, clock).With(keys)
	one := &console{bell: tenants.NewBell(h.Pool, log), intake: checkin.NewIntake(h.Pool, clock, log, checkin.IntakeConfig{})}
	stops.add("check-ins", one.intake.Stop)
	one.tower = jobs.New(jobs.Config{Ground: ground, Bell: one.bell, Log: log, Post: post, Lease: lease})
	base := outside.BaseURL
	outside.Ground, outside.Pool, outside.Log, outside.DiskFull = ground, h.Pool, log, h.DiskFull
	doors, err := gate.New(outside)
	if err != nil {
		return nil, err
	}
	stops.add("sessions", func(context.Context) error { doors.Close(); return nil })
	one.doors = gate.Server(doors)
	ping.Mount(one.doors, one.intake, log)
	if err := api.Mount(one.doors, doors, api.Config{Version: version, BaseURL: base, Pool: h.Pool, Intake: one.intake}); err != nil {
		return nil, err
	}
	return one, frontend.Mount(one.doors, doors, frontend.Config{Bell: one.bell, BaseURL: base, Zone: post.Zone, MailReady: post.Configured(),
		Mailbox: pages(mailbox)})
}

// post is how mails leave: the SMTP server that was named, or the demonstration's own, or not at all.
func (c serveCmd) post(mailbox *demo.Mailbox, private bool) (*jobs.Post, error) {
	zone, err := time.LoadLocation(c.Zone)
	if err != nil {
		return nil, fmt.Errorf("TANAMORI_TZ: %w", err)
	}
	p := &jobs.Post{BaseURL: c.BaseURL, Zone: zone}
	if c.Beacon != "" {
		beacon, err := heartbeat.New(c.Beacon)
		if err != nil {
			return nil, fmt.Errorf("TANAMORI_HEARTBEAT_URL: %w", err)
		}
		p.Beacon = beacon
	}
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
	var options []mail.Option
	if private {
		options = append(options, mail.Private())
	}
	sender, err := mail.New(url, from, options...)
	if err != nil {
		return nil, fmt.Errorf("TANAMORI_SMTP_URL: %w", err)
	}
	p.Carrier = sender
	return p, nil
}

// storeRoots sets where stores may lie: nobody at the console, nor whoever took an administrator's session, has this process
// look into other folders.
func (c serveCmd) storeRoots(s settings) error {
	roots := []string{filepath.Join(s.DataDir, "demo")}
	for _, folder := range c.StoreRoots {
		if folder = strings.TrimSpace(folder); !filepath.IsAbs(folder) {
			return fmt.Errorf("TANAMORI_STORE_ROOTS: %q does not begin with /", folder)
		}
		roots = append(roots, filepath.Clean(folder))
	}
	own, err := filepath.Abs(roots[0])
	if err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	roots[0] = own
	backup.AllowRoots(roots...)
	return nil
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
	scheme := "http://"
	if c.TLSCert != "" {
		scheme = "https://"
	}
	c.BaseURL = scheme + net.JoinHostPort(host, port)
	return nil
}

// maxConnections is how many clients are talked to at once: more than may wait in the intake, so that it is the intake that
// turns machines away, with an answer. A connection takes some 25 kB.
const maxConnections = 12_000

// patient ends connections whose client takes nothing of an answer for a minute: net/http has a limit for a whole
// answer only, and a stream of events has no end.
type patient struct{ net.Listener }

func (p patient) Accept() (net.Conn, error) {
	conn, err := p.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &hearing{Conn: conn}, nil
}

type hearing struct {
	net.Conn
	until time.Time // what is written next may take until then at least; the deadline is later
}

// Write has between half a minute and a whole one; a deadline for each of thousands of answers a second would be felt.
func (h *hearing) Write(b []byte) (int, error) {
	if now := time.Now(); now.After(h.until) {
		if err := h.SetWriteDeadline(now.Add(time.Minute)); err != nil {
			return 0, err
		}
		h.until = now.Add(30 * time.Second)
	}
	return h.Conn.Write(b)
}

func hostOf(a net.Addr) string {
	host, _, err := net.SplitHostPort(a.String())
	if err != nil {
		return ""
	}
	return host
}

func listen(ctx context.Context, c serveCmd, private bool, e *echo.Echo, stops *stack, log *slog.Logger) error {
	ln, err := (&net.ListenConfig{}).Listen(ctx, "tcp", c.Listen)
	if err != nil {
		return fmt.Errorf("TANAMORI_LISTEN: %w", err)
	}
	// Those beyond wait in the system's queue, where they cost next to nothing. Each of these may stand in a request at once.
	ln = patient{netutil.LimitListener(ln, maxConnections)}
	if ln, err = c.encrypted(ln, log); err != nil {
		return err
	}
	if ip := net.ParseIP(hostOf(ln.Addr())); c.TLSCert == "" && len(c.Proxies) == 0 && (ip == nil || !ip.IsLoopback()) {
		if private {
			return errors.Join(errors.New("TANAMORI_REQUIRE_TLS: beyond this machine there has to be a certificate (TANAMORI_TLS_CERT) or a proxy (TANAMORI_TRUSTED_PROXIES)"), ln.Close())
		}
		log.WarnContext(ctx, "speaking plain http beyond this machine: for a closed network only; see docs/operation.md on TLS and proxies", "address", ln.Addr().String())
	}
	server := &http.Server{Handler: e, ReadHeaderTimeout: 10 * time.Second, MaxHeaderBytes: 64 << 10, IdleTimeout: 2 * time.Minute, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
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
func (c serveCmd) demonstration(ctx context.Context, s settings, h *database.Handle, keys tenants.Keyring, log *slog.Logger, stops *stack) (*demo.Mailbox, error) {
	dir := filepath.Join(s.DataDir, "demo")
	if c.Demo {
		loaded, err := demo.Load(ctx, demo.Options{Handle: h, Dir: dir, Nights: 30, Log: log, Out: os.Stdout, BaseURL: c.BaseURL, Keys: keys})
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
