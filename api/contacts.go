package api

import (
	"context"
	"time"

	"tanamori/tenants"
	"tanamori/tenants/contact"
)

// Contact is one of the people to call (緊急時連絡網), by the post they hold.
type Contact struct {
	TownID    int64      `json:"town_id"`
	ID        int64      `json:"id"`
	Position  int        `json:"position" doc:"The calling order; lower is called earlier."`
	Post      string     `json:"post" example:"住民福祉課長"`
	Name      string     `json:"name" example:"見本 花子"`
	Mail      string     `json:"mail" doc:"Empty where only a phone is known."`
	Phone     string     `json:"phone"`
	Hours     string     `json:"hours" doc:"When to reach them." example:"平日 8:30–17:15"`
	RetiredAt *time.Time `json:"retired_at"`
}

// ContactInput is what is entered about a contact: at least a mail address or a phone number.
type ContactInput struct {
	Post  string `json:"post" maxLength:"1000"`
	Name  string `json:"name" maxLength:"1000"`
	Mail  string `json:"mail,omitempty" maxLength:"1000"`
	Phone string `json:"phone,omitempty" maxLength:"1000"`
	Hours string `json:"hours,omitempty" maxLength:"1000"`
}

// ContactOrder is the whole calling order.
type ContactOrder struct {
	IDs []int64 `json:"ids" nullable:"false" maxItems:"1000" doc:"Every contact in use exactly once, the first to be called first."`
}

func contactOf(c contact.Contact) Contact {
	return Contact{TownID: c.TenantID, ID: c.ID, Position: c.Position, Post: c.Post, Name: c.Name, Mail: c.Mail, Phone: c.Phone, Hours: c.Hours, RetiredAt: utc(c.RetiredAt)}
}

func listContacts(ctx context.Context, tx *tenants.Tx, in *InTown) (List[Contact], error) {
	contacts, err := contact.List(ctx, tx, in.Town)
	return whole(contacts, contactOf), err
}

func getContact(ctx context.Context, tx *tenants.Tx, in *Of) (Contact, error) {
	c, err := contact.Get(ctx, tx, in.Town, in.ID)
	return contactOf(c), err
}

func addContact(ctx context.Context, tx *tenants.Tx, in *townWith[ContactInput]) (Contact, error) {
	c, err := contact.Add(ctx, tx, in.Town, contact.Input(in.Body))
	return contactOf(c), err
}

func changeContact(ctx context.Context, tx *tenants.Tx, in *ofWith[ContactInput]) (Contact, error) {
	c, err := contact.Change(ctx, tx, in.Town, in.ID, contact.Input(in.Body))
	return contactOf(c), err
}

func retireContact(ctx context.Context, tx *tenants.Tx, in *Of) (Contact, error) {
	c, err := contact.Retire(ctx, tx, in.Town, in.ID)
	return contactOf(c), err
}

func orderContacts(ctx context.Context, tx *tenants.Tx, in *townWith[ContactOrder]) (List[Contact], error) {
	contacts, err := contact.Arrange(ctx, tx, in.Town, in.Body.IDs)
	return whole(contacts, contactOf), err
}
