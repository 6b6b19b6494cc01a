package api

import (
	"context"

	"tanamori/tenants"
	"tanamori/tenants/morning"
)

// Morning is when a town's morning report goes out, and to whom (朝の報告).
type Morning struct {
	At       string          `json:"at" pattern:"^[0-2]?[0-9]:[0-5][0-9]$" maxLength:"5" example:"07:30" doc:"From when, by the town's own clock."`
	EveryDay bool            `json:"every_day" doc:"Else on the town's open days."`
	Readers  []MorningReader `json:"readers" maxItems:"10" doc:"Nobody: no report."`
}

// MorningReader is who gets it.
type MorningReader struct {
	Name string `json:"name" maxLength:"100" example:"町民生活課"`
	Mail string `json:"mail" maxLength:"254" example:"kacho@town.example.jp"`
}

func morningOf(s morning.Setting) Morning {
	return Morning{At: s.Clock(), EveryDay: s.EveryDay, Readers: each(s.Readers, func(r morning.Reader) MorningReader { return MorningReader(r) })}
}

func getMorning(ctx context.Context, tx *tenants.Tx, in *InTown) (Morning, error) {
	s, err := morning.Get(ctx, tx, in.Town)
	return morningOf(s), err
}

func setMorning(ctx context.Context, tx *tenants.Tx, in *struct {
	InTown
	Body Morning
}) (Morning, error) {
	minute, ok := morning.ParseClock(in.Body.At)
	if !ok {
		minute = -1 // told of with everything else that is wrong
	}
	s, err := morning.Set(ctx, tx, in.Town, morning.Setting{Minute: minute, EveryDay: in.Body.EveryDay,
		Readers: each(in.Body.Readers, func(r MorningReader) morning.Reader { return morning.Reader(r) })})
	return morningOf(s), err
}
