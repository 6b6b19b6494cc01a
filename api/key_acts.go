package api

import (
	"context"
	"io"
	"strings"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/calendar"
	"tanamori/tenants/key"
	"tanamori/tenants/label"
)

// OneKey names a key, a copy, a loan, a cabinet or a count in the path.
type OneKey struct {
	ID int64 `path:"id" minimum:"1" doc:"Its id."`
}

type keyWith[B any] struct {
	OneKey
	Body B
}

func keyLabels(ctx context.Context, tx *tenants.Tx, kind string) (map[int64]string, error) {
	return label.Of(ctx, tx, tenants.ReadKey, tx.Actor.TenantID, kind)
}

func getKeySetting(ctx context.Context, tx *tenants.Tx, _ *nothing) (KeySetting, error) {
	s, err := key.GetSetting(ctx, tx)
	return KeySetting(s), err
}

func setKeySetting(ctx context.Context, tx *tenants.Tx, in *struct{ Body KeySetting }) (KeySetting, error) {
	return in.Body, key.Set(ctx, tx, key.Setting(in.Body))
}

func listKeyCabinets(ctx context.Context, tx *tenants.Tx, _ *nothing) (List[KeyCabinet], error) {
	all, err := key.Cabinets(ctx, tx)
	if err != nil {
		return List[KeyCabinet]{}, err
	}
	labels, err := keyLabels(ctx, tx, key.KindCabinet)
	return whole(all, func(c key.Cabinet) KeyCabinet { return keyCabinetOf(c, labels) }), err
}

// KeyCabinetWithKeys is one with what belongs into it and its counts.
type KeyCabinetWithKeys struct {
	KeyCabinet
	Copies      []KeyCopy      `json:"copies" nullable:"false" doc:"Slot by slot."`
	Inventories []KeyInventory `json:"inventories" nullable:"false" doc:"The newest first."`
}

func getKeyCabinet(ctx context.Context, tx *tenants.Tx, in *OneKey) (KeyCabinetWithKeys, error) {
	c, copies, counts, err := key.GetCabinet(ctx, tx, in.ID)
	if err != nil {
		return KeyCabinetWithKeys{}, err
	}
	labels, err := keyLabels(ctx, tx, key.KindCabinet)
	if err != nil {
		return KeyCabinetWithKeys{}, err
	}
	of, err := keyLabels(ctx, tx, key.Kind)
	return KeyCabinetWithKeys{keyCabinetOf(c, labels), each(copies, func(c key.Copy) KeyCopy { return keyCopyOf(c, of, tx.Now) }), each(counts, keyInventoryOf)}, err
}

func addKeyCabinet(ctx context.Context, tx *tenants.Tx, in *struct{ Body KeyCabinetInput }) (KeyCabinet, error) {
	c, err := key.AddCabinet(ctx, tx, key.CabinetInput(in.Body))
	if err != nil {
		return KeyCabinet{}, err
	}
	labels, err := keyLabels(ctx, tx, key.KindCabinet)
	return keyCabinetOf(c, labels), err
}

func changeKeyCabinet(ctx context.Context, tx *tenants.Tx, in *keyWith[KeyCabinetInput]) (KeyCabinet, error) {
	c, err := key.ChangeCabinet(ctx, tx, in.ID, key.CabinetInput(in.Body))
	if err != nil {
		return KeyCabinet{}, err
	}
	labels, err := keyLabels(ctx, tx, key.KindCabinet)
	return keyCabinetOf(c, labels), err
}

func retireKeyCabinet(ctx context.Context, tx *tenants.Tx, in *OneKey) error {
	return key.RetireCabinet(ctx, tx, in.ID)
}

// KeyCount is what is entered about a count.
type KeyCount struct {
	Labels []string `json:"labels" maxItems:"1000" doc:"The labels that were read: six digits, or the address in the QR code."`
	Accept bool     `json:"accept,omitempty" doc:"The differences were seen; it is written down with them."`
	Note   string   `json:"note,omitempty" maxLength:"1000"`
}

func takeKeyStock(ctx context.Context, tx *tenants.Tx, in *keyWith[KeyCount]) (KeyInventoryWithLines, error) {
	n, err := key.TakeStock(ctx, tx, in.ID, key.StockInput{Codes: strings.Join(in.Body.Labels, "\n"), Accept: in.Body.Accept, Note: in.Body.Note})
	return keyCountOf(n), err
}

func getKeyInventory(ctx context.Context, tx *tenants.Tx, in *OneKey) (KeyInventoryWithLines, error) {
	n, err := key.GetInventory(ctx, tx, in.ID)
	return keyCountOf(n), err
}

func listKeyItems(ctx context.Context, tx *tenants.Tx, _ *nothing) (List[KeyItem], error) {
	all, err := key.Items(ctx, tx)
	return whole(all, keyItemOf), err
}

// KeyItemWithCopies is one with its copies, the retired ones last.
type KeyItemWithCopies struct {
	KeyItem
	Copies []KeyCopy `json:"copies" nullable:"false"`
}

func getKeyItem(ctx context.Context, tx *tenants.Tx, in *OneKey) (KeyItemWithCopies, error) {
	i, copies, err := key.GetItem(ctx, tx, in.ID)
	if err != nil {
		return KeyItemWithCopies{}, err
	}
	labels, err := keyLabels(ctx, tx, key.Kind)
	return KeyItemWithCopies{keyItemOf(i), each(copies, func(c key.Copy) KeyCopy { return keyCopyOf(c, labels, tx.Now) })}, err
}

func addKeyItem(ctx context.Context, tx *tenants.Tx, in *struct{ Body KeyItemInput }) (KeyItem, error) {
	i, err := key.AddItem(ctx, tx, in.Body.room())
	return keyItemOf(i), err
}

func changeKeyItem(ctx context.Context, tx *tenants.Tx, in *keyWith[KeyItemInput]) (KeyItem, error) {
	i, err := key.ChangeItem(ctx, tx, in.ID, in.Body.room())
	return keyItemOf(i), err
}

func retireKeyItem(ctx context.Context, tx *tenants.Tx, in *OneKey) error {
	return key.RetireItem(ctx, tx, in.ID)
}

// KeyCylinder is what is entered about a changed cylinder.
type KeyCylinder struct {
	KeyHappened
	By string `json:"by" maxLength:"1000" doc:"Who did it." example:"見本錠前店"`
}

func changeKeyCylinder(ctx context.Context, tx *tenants.Tx, in *keyWith[KeyCylinder]) (KeyItem, error) {
	i, err := key.ChangeCylinder(ctx, tx, in.ID, key.ChangeInput{Happened: in.Body.room(), By: in.Body.By})
	return keyItemOf(i), err
}

// KeyCopyInput is what is entered about a copy.
type KeyCopyInput struct {
	Serial    string `json:"serial" maxLength:"1000"`
	Rank      string `json:"rank" enum:"main,spare"`
	Number    int    `json:"number" minimum:"1" maximum:"99"`
	CabinetID int64  `json:"cabinet_id" minimum:"1"`
	Slot      int    `json:"slot" minimum:"1" maximum:"200"`
	KeyHappened
}

func addKeyCopy(ctx context.Context, tx *tenants.Tx, in *keyWith[KeyCopyInput]) (KeyCopy, error) {
	b := in.Body
	c, err := key.AddCopy(ctx, tx, in.ID, key.CopyInput{Serial: b.Serial, Rank: b.Rank, Number: b.Number, CabinetID: b.CabinetID, Slot: b.Slot, Happened: b.room()})
	return labelled(ctx, tx, c, err)
}

func labelled(ctx context.Context, tx *tenants.Tx, c key.Copy, err error) (KeyCopy, error) {
	if err != nil {
		return KeyCopy{}, err
	}
	labels, err := keyLabels(ctx, tx, key.Kind)
	return keyCopyOf(c, labels, tx.Now), err
}

func listKeyCopies(ctx context.Context, tx *tenants.Tx, _ *nothing) (List[KeyCopy], error) {
	all, err := key.Copies(ctx, tx)
	if err != nil {
		return List[KeyCopy]{}, err
	}
	labels, err := keyLabels(ctx, tx, key.Kind)
	return whole(all, func(c key.Copy) KeyCopy { return keyCopyOf(c, labels, tx.Now) }), err
}

// KeyCopyWithEvents is one with its ledger.
type KeyCopyWithEvents struct {
	KeyCopy
	Events []KeyEvent `json:"events" nullable:"false" doc:"The newest first, at most 500."`
}

func getKeyCopy(ctx context.Context, tx *tenants.Tx, in *OneKey) (KeyCopyWithEvents, error) {
	c, events, err := key.Get(ctx, tx, in.ID)
	one, err := labelled(ctx, tx, c, err)
	return KeyCopyWithEvents{one, each(events, keyEventOf)}, err
}

// KeyPlace is where a copy belongs.
type KeyPlace struct {
	CabinetID int64 `json:"cabinet_id" minimum:"1"`
	Slot      int   `json:"slot" minimum:"1" maximum:"200"`
}

func placeKey(ctx context.Context, tx *tenants.Tx, in *keyWith[KeyPlace]) (KeyCopy, error) {
	c, err := key.Place(ctx, tx, in.ID, in.Body.CabinetID, in.Body.Slot)
	return labelled(ctx, tx, c, err)
}

// KeyLabel is a label that was made.
type KeyLabel struct {
	Label string `json:"label" doc:"The six digits."`
}

func relabelKey(ctx context.Context, tx *tenants.Tx, in *OneKey) (KeyLabel, error) {
	code, err := key.Relabel(ctx, tx, in.ID)
	return KeyLabel{code}, err
}

// keyEvents writes down something that happened to a copy.
func keyEvents(do func(context.Context, *tenants.Tx, int64, key.Happened) (key.Event, error)) act[keyWith[KeyHappened], KeyEvent] {
	return func(ctx context.Context, tx *tenants.Tx, in *keyWith[KeyHappened]) (KeyEvent, error) {
		e, err := do(ctx, tx, in.ID, in.Body.room())
		return keyEventOf(e), err
	}
}

func retireKey(ctx context.Context, tx *tenants.Tx, in *keyWith[KeyHappened]) error {
	return key.Retire(ctx, tx, in.ID, in.Body.room())
}

// KeyExtension is by when a copy is back instead.
type KeyExtension struct {
	DueAt      *time.Time `json:"due_at,omitempty" doc:"Either this or due_minutes."`
	DueMinutes *int       `json:"due_minutes,omitempty" minimum:"15" maximum:"10080" doc:"From now on."`
	Reason     string     `json:"reason" maxLength:"1000"`
}

func extendKey(ctx context.Context, tx *tenants.Tx, in *keyWith[KeyExtension]) (KeyEvent, error) {
	e, err := key.Extend(ctx, tx, in.ID, key.ExtendInput(in.Body))
	return keyEventOf(e), err
}

// KeyRequest asks for a copy.
type KeyRequest struct {
	BorrowerID     int64      `json:"borrower_id,omitempty" minimum:"0" doc:"Nothing is the caller."`
	Visitor        string     `json:"visitor,omitempty" maxLength:"1000" doc:"Whom the borrower escorts."`
	VisitorCompany string     `json:"visitor_company,omitempty" maxLength:"1000"`
	Purpose        string     `json:"purpose" maxLength:"1000"`
	Work           string     `json:"work,omitempty" maxLength:"1000" doc:"The work that it belongs to."`
	DueAt          *time.Time `json:"due_at,omitempty" doc:"Either this or due_minutes."`
	DueMinutes     *int       `json:"due_minutes,omitempty" minimum:"15" maximum:"10080" doc:"After it was handed out."`
	Handover       bool       `json:"handover,omitempty" doc:"From whoever has it."`
	Approve        bool       `json:"approve,omitempty" doc:"The caller is not the borrower, and agrees as the other person."`
	HandOut        bool       `json:"hand_out,omitempty" doc:"And it is handed out at once, where that is enough."`
}

func askForKey(ctx context.Context, tx *tenants.Tx, in *keyWith[KeyRequest]) (KeyLoan, error) {
	b := in.Body
	l, err := key.Ask(ctx, tx, in.ID, key.AskInput{Borrower: b.BorrowerID, Visitor: b.Visitor, VisitorCompany: b.VisitorCompany, Purpose: b.Purpose, Work: b.Work, DueAt: b.DueAt,
		DueMinutes: b.DueMinutes, Handover: b.Handover, Approve: b.Approve, HandOut: b.HandOut})
	return keyLoanOf(l), err
}

func listKeyRequests(ctx context.Context, tx *tenants.Tx, _ *nothing) (List[KeyLoan], error) {
	all, err := key.Asks(ctx, tx)
	return whole(all, keyLoanOf), err
}

func getKeyLoan(ctx context.Context, tx *tenants.Tx, in *OneKey) (KeyLoan, error) {
	l, err := key.GetLoan(ctx, tx, in.ID)
	return keyLoanOf(l), err
}

func approveKeyLoan(ctx context.Context, tx *tenants.Tx, in *OneKey) (KeyLoan, error) {
	l, err := key.Approve(ctx, tx, in.ID)
	return keyLoanOf(l), err
}

// KeyRefusal says why a request is refused.
type KeyRefusal struct {
	Reason string `json:"reason" maxLength:"1000"`
}

func refuseKeyLoan(ctx context.Context, tx *tenants.Tx, in *keyWith[KeyRefusal]) (KeyLoan, error) {
	l, err := key.Refuse(ctx, tx, in.ID, in.Body.Reason)
	return keyLoanOf(l), err
}

func withdrawKeyLoan(ctx context.Context, tx *tenants.Tx, in *OneKey) (KeyLoan, error) {
	l, err := key.Withdraw(ctx, tx, in.ID)
	return keyLoanOf(l), err
}

func handOutKey(ctx context.Context, tx *tenants.Tx, in *keyWith[KeyHappened]) (KeyLoan, error) {
	l, err := key.HandOut(ctx, tx, in.ID, in.Body.room())
	return keyLoanOf(l), err
}

// KeyDays are days of the loan book.
type KeyDays struct {
	From calendar.Date `query:"from" format:"date" required:"true" doc:"First day on which a key went out."`
	To   calendar.Date `query:"to" format:"date" required:"true" doc:"Last day."`
}

func takeKeyLoans(ctx context.Context, tx *tenants.Tx, in *KeyDays) (key.Taken, error) {
	return key.TakeOut(ctx, tx, in.From, in.To)
}

const csvFile = "text/csv; charset=utf-8"

var keyLoanFile = file[key.Taken]{about: "The loan book, a line a loan.", medias: []string{csvFile}, name: key.Taken.FileName, media: func(key.Taken) string { return csvFile },
	write: func(_ context.Context, _ *tenants.Tx, t key.Taken, to io.Writer) error { return t.Write(to) }}
