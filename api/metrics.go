package api

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"tanamori/tenants"
	"tanamori/tenants/checkin"
	"tanamori/tenants/duty"
	"tanamori/tenants/incident"
	"tanamori/tenants/notice"
	"tanamori/tenants/watch"
)

// metrics is what Prometheus reads at /metrics: counts and times, nothing of any one town.
type metrics struct {
	requests *prometheus.HistogramVec
	handler  http.Handler
}

func newMetrics(d *door) *metrics {
	r := prometheus.NewRegistry()
	m := &metrics{requests: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "tanamori_http_request_seconds", Help: "How long requests took, by route, check-ins left out.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
	}, []string{"method", "route", "status"})}
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "tanamori_build_info", Help: "The version that runs.",
		ConstLabels: prometheus.Labels{"version": d.config.Version}})
	build.Set(1)
	r.MustRegister(m.requests, build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), &pipeline{door: d})
	if d.config.Pool != nil {
		r.MustRegister(poolMetrics(d)...)
	}
	if d.config.Intake != nil {
		r.MustRegister(intakeMetrics(d.config.Intake)...)
	}
	m.handler = promhttp.HandlerFor(r, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError})
	return m
}

func (m *metrics) serve(c echo.Context) error {
	m.handler.ServeHTTP(c.Response(), c.Request())
	return nil
}

// measure times requests by their route's pattern. Check-ins are counted by their intake, and streams of events last as
// long as somebody looks.
func (m *metrics) measure(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		path := c.Request().URL.Path
		if strings.HasPrefix(path, "/ping/") || path == "/metrics" {
			return next(c)
		}
		began, status := time.Now(), http.StatusInternalServerError
		defer func() { // also where the handler panicked: Recover answers 500 further out
			if c.Response().Header().Get(echo.HeaderContentType) == "text/event-stream" {
				return
			}
			m.requests.WithLabelValues(method(c.Request().Method), c.Path(), strconv.Itoa(status)).Observe(time.Since(began).Seconds())
		}()
		if err = next(c); err != nil {
			c.Error(err) // so that its status is known here; nobody answers twice
		}
		status = c.Response().Status
		return nil
	}
}

// method keeps what a client makes up out of the labels.
func method(m string) string {
	switch m {
	case http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions:
		return m
	}
	return "other"
}

func poolMetrics(d *door) []prometheus.Collector {
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "tanamori_pool_" + name, Help: help}, value)
	}
	counter := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "tanamori_pool_" + name, Help: help}, value)
	}
	pool := d.config.Pool
	return []prometheus.Collector{
		gauge("connections", "Connections to the database.", func() float64 { return float64(pool.Stat().TotalConns()) }),
		gauge("connections_used", "Connections in use.", func() float64 { return float64(pool.Stat().AcquiredConns()) }),
		gauge("connections_most", "Connections at most.", func() float64 { return float64(pool.Stat().MaxConns()) }),
		counter("waits_total", "How often somebody waited for a connection.", func() float64 { return float64(pool.Stat().EmptyAcquireCount()) }),
		counter("wait_seconds_total", "How long connections were waited for.", func() float64 { return pool.Stat().AcquireDuration().Seconds() }),
	}
}

func intakeMetrics(intake Intake) []prometheus.Collector {
	counter := func(result string, value func(checkin.Stats) int64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "tanamori_checkins_total", Help: "Check-ins by what became of them.",
			ConstLabels: prometheus.Labels{"result": result}}, func() float64 { return float64(value(intake.Stats())) })
	}
	return []prometheus.Collector{
		counter("kept", func(s checkin.Stats) int64 { return s.Kept }),
		counter("unknown", func(s checkin.Stats) int64 { return s.Unknown }),
		counter("refused", func(s checkin.Stats) int64 { return s.Refused }),
		counter("failed", func(s checkin.Stats) int64 { return s.Failed }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "tanamori_checkins_waiting", Help: "Check-ins accepted and not yet written."},
			func() float64 { return float64(intake.Stats().Waiting) }),
	}
}

// pipeline reads the figures that stand in the database, once every few seconds however often it is asked.
type pipeline struct {
	door *door

	mu     sync.Mutex
	readAt time.Time
	last   []prometheus.Metric
}

var (
	upDesc        = prometheus.NewDesc("tanamori_database_up", "1 while the database answers.", nil, nil)
	incidentsDesc = prometheus.NewDesc("tanamori_incidents", "Incidents that are not over.", []string{"state"}, nil)
	noticesDesc   = prometheus.NewDesc("tanamori_notices", "Notices queued, and those refused for good within seven days.", []string{"state"}, nil)
	oldestDesc    = prometheus.NewDesc("tanamori_notice_oldest_seconds", "How long the longest waiting notice has waited.", nil, nil)
	roundDesc     = prometheus.NewDesc("tanamori_round_age_seconds", "How long ago each job last ran to its end.", []string{"job"}, nil)
	clockDesc     = prometheus.NewDesc("tanamori_clock_off_seconds", "How far the clock of that node is off whose clock is off most.", nil, nil)
	auditDesc     = prometheus.NewDesc("tanamori_audit_ok_age_seconds", "How long ago the audit last ran to its end.", nil, nil)
	breachDesc    = prometheus.NewDesc("tanamori_audit_breaches", "What the audit finds late or lost, by kind; nothing where all is well.", []string{"kind"}, nil)
	mendedDesc    = prometheus.NewDesc("tanamori_audit_mended", "What the audit put right by itself within a day.", nil, nil)
	outwardDesc   = prometheus.NewDesc("tanamori_heartbeat_ok_age_seconds", "How long ago a sign of life last arrived outside.", nil, nil)
)

// Describe names the figures.
func (p *pipeline) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{upDesc, incidentsDesc, noticesDesc, oldestDesc, roundDesc, clockDesc, auditDesc, breachDesc, mendedDesc, outwardDesc} {
		out <- d
	}
}

// Collect gives the figures.
func (p *pipeline) Collect(out chan<- prometheus.Metric) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.last == nil || time.Since(p.readAt) > 5*time.Second {
		p.last, p.readAt = p.read(), time.Now()
	}
	for _, m := range p.last {
		out <- m
	}
}

func (p *pipeline) read() []prometheus.Metric {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Second)
	defer cancel()
	var all []prometheus.Metric
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		all = append(all, prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...))
	}
	err := p.door.gate.Ground().Do(ctx, tenants.Job("metrics"), func(ctx context.Context, tx *tenants.Tx) error {
		incidents, err := incident.OpenCount(ctx, tx)
		if err != nil {
			return err
		}
		gauge(incidentsDesc, float64(incidents.Open), "open")
		gauge(incidentsDesc, float64(incidents.Acknowledged), "acknowledged")
		notices, err := notice.Counts(ctx, tx)
		if err != nil {
			return err
		}
		gauge(noticesDesc, float64(notices.Queued), "queued")
		gauge(noticesDesc, float64(notices.Failed), "failed")
		if notices.Oldest != nil {
			gauge(oldestDesc, tx.Now.Sub(*notices.Oldest).Seconds())
		}
		rounds, err := duty.Rounds(ctx, tx)
		for _, r := range rounds {
			if r.OkAt != nil {
				gauge(roundDesc, tx.Now.Sub(*r.OkAt).Seconds(), r.Job)
			}
			if r.OkAt != nil && r.Job == "audit" {
				gauge(auditDesc, tx.Now.Sub(*r.OkAt).Seconds())
			}
		}
		if err != nil {
			return err
		}
		off, err := duty.ClockOff(ctx, tx)
		if err != nil {
			return err
		}
		gauge(clockDesc, off.Seconds())
		state, err := watch.Read(ctx, tx)
		if err != nil {
			return err
		}
		for _, b := range state.Breaches {
			gauge(breachDesc, float64(b.Count), b.Kind)
		}
		gauge(mendedDesc, float64(state.Mended))
		if at := state.Outward.OkAt; at != nil {
			gauge(outwardDesc, tx.Now.Sub(*at).Seconds())
		}
		return nil
	})
	if err != nil {
		p.door.gate.Log().WarnContext(ctx, "metrics cannot be read from the database", "error", err)
		all = nil
		gauge(upDesc, 0)
		return all
	}
	gauge(upDesc, 1)
	return all
}
