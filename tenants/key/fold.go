package key

// Fold is what the events of one copy, the oldest first, come to. The rows of copies say the same; a test holds them to it. It may
// begin where a copy was last put back: what lay before may have been removed.
func Fold(events []Event) Standing {
	var s Standing
	for _, e := range events {
		s.CabinetID, s.Slot = e.CabinetID, e.Slot
		switch e.Kind {
		case Added, Returned, Found:
			s = Standing{State: In, CabinetID: e.CabinetID, Slot: e.Slot}
		case Lent, HandedOver:
			at := e.OccurredAt
			s.State, s.LoanID, s.HolderID, s.Since, s.DueAt = Out, e.LoanID, e.ToID, &at, e.DueAt
			s.Holder = holder(e.ToText, e.Visitor, e.VisitorCompany)
		case Extended:
			s.DueAt = e.DueAt
		case WasLost:
			at := e.OccurredAt
			s = Standing{State: Lost, CabinetID: e.CabinetID, Slot: e.Slot, HolderID: e.FromID, Holder: e.FromText, Since: &at}
		case WasRetired, Cylinder:
			s = Standing{State: Retired, CabinetID: e.CabinetID, Slot: e.Slot}
		}
	}
	return s
}

// May tells whether an event can follow where a copy stands.
func (s Standing) May(event string) bool {
	switch event {
	case Lent, Moved, WasRetired:
		return s.State == In
	case Returned, HandedOver, Extended:
		return s.State == Out
	case Inspected, WasLost:
		return s.State == In || s.State == Out
	case Found:
		return s.State == Lost
	case Cylinder:
		return s.State != Retired
	}
	return false
}
