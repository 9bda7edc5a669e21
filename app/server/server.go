package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humago"

	"alcove/app/access"
	"alcove/app/chat"
	"alcove/app/documents"
	"alcove/app/documents/desk"
	"alcove/app/documents/index"
	"alcove/app/library"
	"alcove/app/operate"
	"alcove/app/operate/alerts"
	"alcove/app/operate/capacity"
	"alcove/app/operate/cost"
	"alcove/app/operate/usage"
	"alcove/engine"
	"alcove/storage"
)

// Chat is what the server asks of the chat.
type Chat interface {
	Ask(ctx context.Context, q chat.Question) (chat.Started, error)
	Regenerate(ctx context.Context, answerID, model string, sampling chat.Sampling) (chat.Started, error)
	Read(ctx context.Context, d chat.Draft) error
	SetCollection(ctx context.Context, conversationID, collection string) (storage.Conversation, error)
	Stop(turnID string) error
	Live(messageID string) (text string, seq uint64, ok bool)
	SetReaders(n int)
}

// Deps is what a Server needs. All fields without "may" must be set.
type Deps struct {
	Store    *storage.DB
	Engine   engine.Backend  // what Metrics.Measure gave, so that /v1 is measured like the chat
	Embedder engine.Embedder // may be nil: then nothing gives vectors
	Library  *library.Library
	Uploads  *library.Uploads
	// Documents are the company's own files.
	Documents *documents.Service
	Index     *index.Index // of them, for metrics; may be nil
	Desk      *desk.Desk   // HR's
	Chat      Chat
	Answers   Answers  // from documents; may be nil
	Hub       *Hub     // the one that the chat publishes to
	Metrics   *Metrics // may be nil
	Page      fs.FS    // the built page: index.html and assets/
	Log       *slog.Logger
	Now       func() time.Time

	Instance       string   // names the cookie; letters and digits
	LocalToken     string   // bearer token of this machine's own programs; may be ""
	Version        string   // of this build
	HostNames      []string // names to answer to besides loopback; may be nil
	AllowedOrigins []string // web pages that may call /v1; may be nil
	// Changed gets a value when the engine may have something new to tell; may be nil.
	Changed <-chan struct{}
	// Hardware gives the machine's facts; may be nil.
	Hardware func() any
	Monitor  Monitor // may be nil
	// Attention lists what is wrong; may be nil.
	Attention func() operate.Attention
	Alerts    *alerts.Alerts
	// Room is the memory for which the catalogue is judged; may be nil.
	Room func() library.Room
	// ModelDirs are the model folders; files that are sent come into the first.
	ModelDirs []string
	// Usage keeps the figures. Engine is measured by it too.
	Usage *usage.Recorder
	// Forget gives up what was computed of text with a label; may be nil.
	Forget func(share string)
	// Tracer makes a span of each request to the API; nil: traces are off.
	Tracer Tracer
	// Firing lists the alerts that fire, for /metrics; may be nil.
	Firing func() []operate.Firing

	// Gate is what Engine is behind, for measurements to give way; nil: one of
	// the server's own, through which nobody else asks.
	Gate *capacity.Gate
	// Shape is a usual question's, by recorded traffic, and of how many answers;
	// may be nil.
	Shape func(ctx context.Context) (capacity.Shape, int)
	// Traffic is what was recorded in a time; may be nil.
	Traffic func(ctx context.Context, from, to time.Time) (cost.Traffic, error)
	// OwnSeconds is the processor time that this program has used; may be nil.
	OwnSeconds func() float64
	Cores      int

	limits *limits // tests shorten them; nil: defaultLimits
}

// limits are how long things may take.
type limits struct {
	header    time.Duration // until a request's head has arrived
	body      time.Duration // until its body has
	answer    time.Duration // until a whole answer is written
	write     time.Duration // one write of a stream
	heartbeat time.Duration // a stream says something at least this often
	recheck   time.Duration // a stream's credentials are looked at again
}

var defaultLimits = limits{
	header: 10 * time.Second, body: 30 * time.Second, answer: time.Minute,
	write: 20 * time.Second, heartbeat: 15 * time.Second, recheck: 2 * time.Second,
}

// Server serves everything over HTTP.
type Server struct {
	store          *storage.DB
	engine         engine.Backend
	embedder       engine.Embedder // may be nil
	chat           Chat
	answers        Answers // may be nil
	hub            *Hub
	metrics        *Metrics
	tracer         Tracer // may be nil
	page           *page
	log            *slog.Logger
	now            func() time.Time
	access         *access.Guard
	guesses        *access.Guesses
	hosts          access.Hosts
	crossOrigin    *http.CrossOriginProtection
	allowedOrigins []string
	instance       string
	version        string
	hardware       func() any
	monitor        Monitor
	attention      func() operate.Attention
	alerts         *alerts.Alerts
	usage          *usage.Recorder
	proof          *proof
	forget         func(share string)
	room           func() library.Room
	wake           <-chan struct{} // the engine may have something new to tell
	began          time.Time
	library        *library.Library
	uploads        *library.Uploads
	documents      *documents.Service
	desk           *desk.Desk
	modelDirs      []string
	checks         *library.Checks
	capacity       *capacity.Meter
	prices         cost.Book
	traffic        func(ctx context.Context, from, to time.Time) (cost.Traffic, error)
	limits         limits

	api     huma.API
	handler http.Handler
	http    *http.Server

	stop    context.CancelFunc // ends what runs beside requests
	running context.Context
	tasks   sync.WaitGroup
	// begins keeps a Serve that is just beginning from adding to tasks while
	// Shutdown waits for them.
	begins sync.Mutex
}

// Wrong credentials: ten at once, then one a second.
const (
	guessBurst = 10
	guessEvery = time.Second
)

// undoTime is how long a deleted conversation can be brought back.
const undoTime = 30 * time.Second

// New builds the server. It panics when a route has no row in the table or a
// row no handler: that is a bug, not a condition.
func New(d Deps) *Server {
	if d.Now == nil {
		d.Now = time.Now
	}
	if d.Log == nil {
		d.Log = slog.New(slog.DiscardHandler)
	}
	if d.Metrics == nil {
		d.Metrics = NewMetrics(d.Version)
	}
	if d.Hardware == nil {
		d.Hardware = func() any { return map[string]any{} }
	}
	if d.Room == nil {
		d.Room = func() library.Room { return library.Room{} }
	}
	if d.Monitor == nil {
		d.Monitor = noMonitor{}
	}
	if d.Attention == nil {
		d.Attention = func() operate.Attention { return operate.Attention{Items: []operate.Item{}} }
	}
	if d.limits == nil {
		d.limits = &defaultLimits
	}
	s := &Server{
		store: d.Store, engine: d.Engine, embedder: d.Embedder, chat: d.Chat, answers: d.Answers, hub: d.Hub, metrics: d.Metrics, tracer: d.Tracer,
		page: newPage(d.Page), log: d.Log, now: d.Now,
		access:         access.NewGuard(d.Store, d.Instance, d.LocalToken, d.Now),
		guesses:        access.NewGuesses(d.Now, guessBurst, guessEvery),
		hosts:          access.NewHosts(d.HostNames...),
		crossOrigin:    http.NewCrossOriginProtection(),
		allowedOrigins: d.AllowedOrigins,
		instance:       d.Instance, version: d.Version, hardware: d.Hardware, monitor: d.Monitor, usage: d.Usage, attention: d.Attention, alerts: d.Alerts, forget: d.Forget, wake: d.Changed, room: d.Room, began: d.Now(), library: d.Library, uploads: d.Uploads, documents: d.Documents, desk: d.Desk, modelDirs: d.ModelDirs, limits: *d.limits,
	}
	s.metrics.registry.MustRegister(machineMetrics{d.Monitor, d.Now}, standingMetrics{d.Engine, d.Attention, d.Firing}, documentMetrics{d.Documents, d.Now}, indexMetrics{d.Index})
	s.proof = &proof{engine: d.Engine, written: d.Metrics.Written, now: d.Now, patient: proofPatient}
	s.checks = library.NewChecks(library.ChecksDeps{Store: d.Store, Engine: d.Engine, Library: d.Library, Publish: d.Hub.Publish, Log: d.Log})
	s.capacity, s.prices, s.traffic = s.newMeter(d), cost.Book{Store: d.Store, Log: d.Log}, d.Traffic
	s.hub.OnReaders(s.chat.SetReaders)
	s.running, s.stop = context.WithCancel(context.Background())

	router := newRouter(s.guard)
	s.registerAPI(router)
	s.registerV1(router)
	s.registerPlain(router)
	router.complete()
	s.handler = s.chain(router)
	s.http = &http.Server{
		Handler:           s.handler,
		ReadHeaderTimeout: s.limits.header,
		WriteTimeout:      s.limits.answer, // streams set their own for each write
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(d.Log.Handler(), slog.LevelDebug),
	}
	return s
}

// Handler is the whole server for one that brings its own listener.
func (s *Server) Handler() http.Handler { return s.handler }

// Serve answers on ln until Shutdown. It refuses a listener that others on
// the network can reach.
func (s *Server) Serve(ln net.Listener) error {
	if err := access.CheckListen(ln.Addr().String()); err != nil {
		return err
	}
	s.start()
	if err := s.http.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// Shutdown ends the event streams, lets short requests finish while ctx lasts,
// and then cuts what is left.
func (s *Server) Shutdown(ctx context.Context) error {
	s.begins.Lock()
	s.stop()
	s.begins.Unlock()
	s.hub.Close()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(fmt.Errorf("shut down: %w", err), s.http.Close())
	}
	s.checks.Close()
	s.capacity.Close()
	s.tasks.Wait()
	return err
}

// SignInLink makes a one-time link for a server at base ("http://127.0.0.1:8484").
func (s *Server) SignInLink(base string) (url string, expires time.Time) {
	token, expires := s.access.Link()
	return base + "/#signin=" + token, expires
}

// registerAPI builds /api/v1 and its description.
func (s *Server) registerAPI(r *router) {
	huma.NewErrorWithContext = humaError
	huma.NewError = func(status int, msg string, errs ...error) huma.StatusError {
		return humaError(nil, status, msg, errs...)
	}
	s.api = humago.New(r, apiConfig())
	s.registerEvents(s.api)
	s.registerSession(s.api)
	s.registerConversations(s.api)
	s.registerExport(s.api)
	s.registerSearch(s.api)
	s.registerMessages(s.api)
	s.registerModels(s.api)
	s.registerChecks(s.api)
	s.registerModelSettings(s.api)
	s.registerUploads(s.api)
	s.registerCollections(s.api)
	s.registerDocuments(s.api)
	s.registerDesk(s.api)
	s.registerCatalogue(s.api)
	s.registerEngine(s.api)
	s.registerMonitor(s.api)
	s.registerUsage(s.api)
	s.registerCapacity(s.api)
	s.registerCost(s.api)
	s.registerAttention(s.api)
	s.registerAlerts(s.api)
	s.registerSettings(s.api)
	describeSecurity(s.api.OpenAPI())
	document, err := s.api.OpenAPI().YAML()
	if err != nil {
		panic(fmt.Errorf("describe the API: %w", err)) // our own types
	}
	r.HandleFunc("GET /api/v1/openapi.yaml", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/yaml")
		w.Write(document) //nolint:errcheck // the client may be gone
	})
}
