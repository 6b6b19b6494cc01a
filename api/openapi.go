package api

import (
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"

	"tanamori/tenants"
)

// tags are the ledgers, in the order in which the document shows them.
var tags = []*huma.Tag{
	{Name: "me", Description: "自分 / Oneself: what one may do, one's password and tokens"},
	{Name: "board", Description: "朝の確認 / The morning board, the nights behind it, confirmations"},
	{Name: "incidents", Description: "異常と連絡 / Incidents, their ladders and answers, and the outbox"},
	{Name: "backups", Description: "バックアップ / Plans, stores, runs and what was proved of each"},
	{Name: "towns", Description: "団体 / Towns, their servers, contacts, ladders and calendars"},
	{Name: "people", Description: "利用者 / People, posts, passwords"},
	{Name: "corrections", Description: "訂正 / What records of any ledger should have said"},
	{Name: "watch", Description: "見張り / Tanamori itself, and the operation log"},
}

const about = `The operations console of a shared municipal datacenter. Whatever a page can do, this API can do.

* **Who asks.** Send a bearer token (made with POST /me/tokens or on the command line), or the cookie of a signed-in browser.
  A town out of your reach is answered 404, an act that your post does not allow 403.
* **Times** are RFC 3339 in UTC, **dates** YYYY-MM-DD, names snake_case. **Reasons** carry a code to compare, the parameters
  of its sentence, and the sentence in Japanese and English.
* **Lists** come in pages: pass the answer's ` + "`next`" + ` as ` + "`cursor`" + ` until it is null.
* **Idempotency-Key** on a POST: sent again with the same body it gives the first answer again (Idempotency-Replayed: true);
  with another body 422; while the first is under way 409. What failed is not remembered. Keys are kept for 48 hours.
* **Errors** are problems of RFC 9457 in the language of Accept-Language (Japanese or English).`

// document is the OpenAPI document before its operations.
func document(version string) huma.Config {
	c := huma.DefaultConfig("Tanamori", version)
	c.CreateHooks = nil // each body would carry a $schema made of the client's Host header
	c.OpenAPIPath, c.DocsPath, c.SchemasPath = "", "", ""
	c.RejectUnknownQueryParameters = true
	c.Formats = map[string]huma.Format{"application/json": legibleJSON(), "json": legibleJSON()}
	c.Info.Description = about
	c.Servers = []*huma.Server{{URL: Prefix}}
	c.Tags = tags
	c.Components.SecuritySchemes = map[string]*huma.SecurityScheme{
		"token":   {Type: "http", Scheme: "bearer", Description: "A token of your own: POST /me/tokens."},
		"session": {Type: "apiKey", In: "cookie", Name: "tanamori", Description: "The session of a signed-in browser; over https its name is __Host-tanamori."},
	}
	return c
}

// operation is the route as the document describes it.
func (r route) operation() huma.Operation {
	o := huma.Operation{
		Method: r.Method, Path: r.Path, OperationID: r.ID, Tags: []string{r.Tag}, DefaultStatus: r.Status, MaxBodyBytes: 2 * largest,
		Summary:  r.Ja + " / " + r.En,
		Security: []map[string][]string{{"token": {}}, {"session": {}}},
		Errors:   []int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusServiceUnavailable},
	}
	if r.Act != "" {
		ja, en := "", ""
		for _, p := range []tenants.Post{tenants.HostAdmin, tenants.Operator, tenants.Facility, tenants.Auditor, tenants.Town} {
			if !(tenants.Actor{Posts: []tenants.Post{p}}).May(r.Act) {
				continue
			}
			j, e := tenants.PostLabel(p)
			ja, en = join(ja, j, "、"), join(en, e, ", ")
		}
		o.Description = fmt.Sprintf("Act %s: %s / %s.", r.Act, ja, en)
		o.Extensions = map[string]any{"x-act": string(r.Act)}
	}
	if r.Method != http.MethodGet {
		o.Errors = append(o.Errors, http.StatusConflict, http.StatusRequestEntityTooLarge)
	}
	if r.Method == http.MethodPost {
		o.Parameters = []*huma.Param{{Name: headerKey, In: "header", Description: "Makes the request safe to send again.",
			Schema: &huma.Schema{Type: huma.TypeString, MinLength: ptr(1), MaxLength: ptr(255)}}}
		if r.Secret {
			o.Description = join(o.Description, "The secret in the answer is given this once: under the same Idempotency-Key it is answered 409.", " ")
		}
	}
	if r.Beside {
		o.Parameters = append(o.Parameters, &huma.Param{Name: headerSecond, In: "header", Schema: &huma.Schema{Type: huma.TypeString},
			Description: "A second person who is with the caller: Basic, with their login and password. What would wait for a second person is done at once."},
			&huma.Param{Name: headerSecondCode, In: "header", Schema: &huma.Schema{Type: huma.TypeString}, Description: "A code of their authenticator app, where they have one."})
	}
	slices.Sort(o.Errors)
	return o
}

func join(a, b, by string) string {
	if a == "" {
		return b
	}
	return a + by + b
}

func ptr[T any](v T) *T { return &v }

// serveDocument answers openapi.json. It holds no data and needs no token.
func (d *door) serveDocument(g *echo.Group, api huma.API) error {
	admitNull(api.OpenAPI().Components.Schemas)
	b, err := json.MarshalIndent(api.OpenAPI(), "", "  ")
	if err != nil {
		return fmt.Errorf("write OpenAPI document: %w", err)
	}
	b = append(b, '\n')
	g.GET("/openapi.json", func(c echo.Context) error { return c.Blob(http.StatusOK, "application/openapi+json", b) })
	return nil
}

// admitNull says of every property that can be null that it can: huma leaves it out of enumerations and of references.
func admitNull(schemas huma.Registry) {
	for name, s := range schemas.Map() {
		fields := map[string]reflect.StructField{}
		if t := schemas.TypeFromRef("#/components/schemas/" + name); t != nil && t.Kind() == reflect.Struct {
			for _, f := range reflect.VisibleFields(t) {
				property, options, _ := strings.Cut(f.Tag.Get("json"), ",")
				if property != "" && !strings.Contains(options, "omitempty") {
					fields[property] = f
				}
			}
		}
		for property, of := range s.Properties {
			switch {
			case of.Nullable && len(of.Enum) > 0:
				of.Enum = append(of.Enum, nil)
			case of.Ref != "" && fields[property].Type != nil && fields[property].Type.Kind() == reflect.Pointer:
				s.Properties[property] = &huma.Schema{Description: fields[property].Tag.Get("doc"),
					OneOf: []*huma.Schema{{Ref: of.Ref}, {Type: "null"}}}
			}
		}
	}
}
