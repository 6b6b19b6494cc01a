package api

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"

	"tanamori/tenants"
)

// file is what a download sends.
type file[V any] struct {
	about  string   // for the description
	medias []string // in which it may come
	name   func(V) string
	media  func(V) string
	write  func(context.Context, *tenants.Tx, V, io.Writer) error
}

// download answers with a file that is sent as it is read: begin is the act, write sends what it gave. A file that ends
// early lacks its last line, which whoever checks it notices.
func download[I, V any](path, id string, permit tenants.Act, ja, en string, begin act[I, V], f file[V]) route {
	return route{Method: http.MethodGet, Status: http.StatusOK, Path: path, ID: id, Act: permit, Ja: ja, En: en, mount: func(d *door, api huma.API, r route) {
		o := r.operation()
		content := map[string]*huma.MediaType{}
		for _, m := range f.medias {
			content[m] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
		}
		o.Responses = map[string]*huma.Response{"200": {Description: f.about, Content: content}}
		huma.Register(api, o, func(ctx context.Context, in *I) (*huma.StreamResponse, error) {
			c, ok := ctx.Value(echoKey{}).(echo.Context)
			if !ok {
				return nil, fmt.Errorf("%s: not entered by the door", r.ID)
			}
			var v V
			err := d.act(c, r, func(ctx context.Context, tx *tenants.Tx) (err error) {
				v, err = begin(ctx, tx, in)
				return err
			})
			if err != nil {
				return nil, d.problem(c, err)
			}
			return &huma.StreamResponse{Body: func(out huma.Context) {
				out.SetHeader("Content-Type", f.media(v))
				out.SetHeader("Content-Disposition", `attachment; filename="`+strings.Map(plainName, f.name(v))+`"`)
				out.SetHeader("Cache-Control", "no-store")
				err := d.act(c, r, func(ctx context.Context, tx *tenants.Tx) error { return f.write(ctx, tx, v, out.BodyWriter()) })
				if err != nil {
					d.gate.Log().WarnContext(ctx, "a file was not sent to its end", "operation", r.ID, "error", err)
				}
			}}, nil
		})
	}}
}

func plainName(r rune) rune {
	if r < ' ' || r > '~' || r == '"' || r == '\\' {
		return '-'
	}
	return r
}
