package view

import "tanamori/tenants/calendar"

func sampleDrawing(l Lang, face string) RackDrawing {
	return RackDrawing{Face: face, Code: "A-03", Units: 42, Blocks: []RackBlock{
		{Unit: 40, Units: 1, Name: l.Tr("スイッチ", "switch"), URL: "/racks/equipment/1"},
		{Unit: 24, Units: 2, Name: l.Tr("他団体", "another town")},
		{Unit: 20, Units: 2, Name: l.Tr("新得町 戸籍サーバ（正）とても長い名前", "Shintoku, the main register with a long name"), Tone: "key"},
	}}
}

func sampleFloor(l Lang) PlanDrawing {
	return PlanDrawing{Area: l.Tr("サーバ室", "Server room"), Rows: 2, Places: 4, Racks: []PlanRack{
		{Row: 1, Place: 1, Code: "A-01", Sub: "11/42U", URL: "/racks/1"}, {Row: 1, Place: 3, Code: "A-03", Sub: "9/42U", Tone: "bad", URL: "/racks/3"}}}
}

// rackSamples are the pages of the server room.
func rackSamples(l Lang, f Frame, all map[string]Page) map[string]Page {
	tr := l.Tr
	row := RackRow{Code: "A-03", Place: tr("1列3番", "row 1, place 3"), Lock: tr("前後扉 同一シリンダー", "both doors"), Fixing: tr("アンカーボルト4点", "four bolts"), Units: 42, Taken: 9, Dedicated: true,
		CheckedAt: at(1, 9, 0), CheckedBy: tr("施設管理者 見本 一郎", "Mihon Ichiro"), DueOn: calendar.MustDate(2027, 5, 1), Label: "123-456", URL: "/racks/3"}
	late := row
	late.Overdue, late.Code, late.URL = true, "A-01", "/racks/1"
	thing := RackThing{Units: "U20–21", Kind: tr("サーバ", "server"), Name: tr("戸籍正", "Main"), Owner: tr("新得町", "Shintoku"), Power: "PDU-A／PDU-B", Model: "M-1", PlacedAt: at(1, 9, 0), EditURL: "/e"}
	rear := RackThing{Units: "U36", Face: tr("背面", "rear"), Kind: tr("電源装置", "power"), Name: "PDU-A", Owner: tr("共用", "shared")}
	page := RackPage{RackRow: row, Area: tr("サーバ室", "Server room"), Building: tr("本庁舎", "Town hall"), Note: tr("備考", "note"), Months: 6, Front: sampleDrawing(l, tr("前面", "front")), Rear: sampleDrawing(l, tr("背面", "rear")),
		Things: []RackThing{thing, rear}, EditURL: "/e", PlaceURL: "/p", CheckURL: "/c", LabelURL: "/l", RelabelURL: "/r", BackURL: "/racks", AtURL: "/at/123456", Seals: []SealBox{{Post: tr("管理者", "Manager")}},
		Checks: []RackCheckRow{{At: at(3, 9, 0), Recorded: at(4, 9, 0), By: row.CheckedBy, Fixed: false, Lockable: true, Dedicated: true, Found: tr("ボルトの緩み", "a loose bolt")}, {At: at(1, 9, 0), By: row.CheckedBy, Fixed: true, Lockable: true, Dedicated: true, Good: true}}}
	gone := page
	gone.RetiredAt, gone.Things, gone.Checks, gone.Front.Blocks, gone.CheckURL = at(5, 9, 0), nil, nil, nil, ""
	foreign := RackThing{Units: "U24–25", Name: "–", Owner: tr("他団体", "another town"), Foreign: true}
	form := func(what string, errors ...FieldError) Page {
		return RackForm.With(f, RackFormPage{What: what, Title: tr("登録する", "Enter"), Lead: tr("前書き", "lead"), Button: tr("登録する", "Add"), Back: Link{"A-03", "/racks/3"}, List: Link{URL: "/racks"},
			Areas: []Option{{Value: "1", Label: "1"}}, Kinds: []Option{{Value: "server", Label: tr("サーバ", "server")}}, Buildings: []Option{{Value: "1", Label: "1"}}, Owners: []Option{{Value: "shared", Label: tr("共用", "shared")}},
			Racks: []Option{{Value: "3", Label: "A-03"}}, Faces: []Option{{Value: "both", Label: tr("前面と背面", "both")}}, RetireURL: "/x", RetireAsk: "?", RetireLabel: tr("廃止", "Retire"), Form: Form{Action: "/f", Values: values("kind", "server"), Errors: errors}})
	}
	for name, p := range map[string]Page{
		"racks":      Racks.With(f, RacksPage{Areas: []RackArea{{Name: tr("サーバ室", "Server room"), Kind: tr("サーバ室", "server room"), Building: tr("本庁舎", "Town hall"), Floor: "2F", Plan: sampleFloor(l), Racks: []RackRow{late, row}, EditURL: "/a"}, {Name: tr("保管室", "Store"), Kind: tr("保管室", "store")}}, Buildings: []RackBuilding{{tr("本庁舎", "Town hall"), tr("蘭越町", "Rankoshi"), "/b"}}, NewURL: "/n", AreaURL: "/a", BuildingURL: "/b", LabelsURL: "/l", Seals: page.Seals, Code: Form{Action: "/at"}}),
		"racks_none": Racks.With(f, RacksPage{Code: Form{Action: "/at"}}),
		"rack":       Rack.With(f, page),
		"rack_gone":  Rack.With(f, gone),
		"rack_form":  form("rack", FieldError{"plan_place", tr("そこには別のラックがあります。", "Another rack stands there.")}),
		"rack_area":  form("area"), "rack_building": form("building"), "rack_thing": form("equipment"), "rack_check": form("check"),
		"town_racks":      TownRacks.With(f, TownRacksPage{Town: Link{tr("新得町", "Shintoku"), "/t"}, Racks: []TownRack{{Code: "A-03", Where: tr("本庁舎　サーバ室", "Town hall"), Front: page.Front, Rear: page.Rear, Things: []RackThing{thing, foreign}}}}),
		"town_racks_none": TownRacks.With(f, TownRacksPage{Town: Link{tr("新得町", "Shintoku"), "/t"}}),
		"labels":          Labels.With(f, LabelsPage{Sheet: "24", Kind: "rack", Skip: 1, Sheets: []Option{{Value: "24", Label: "24"}}, Kinds: []Option{{Value: "rack", Label: tr("ラック", "racks")}}, Labels: []PrintedLabel{{Empty: true}, {Name: tr("ラック A-03", "Rack A-03"), Sub: tr("サーバ室", "Server room"), Code: "123-456", URL: "http://tanamori.example/at/123456"}}, BackURL: "/racks"}),
		"labels_none":     Labels.With(f, LabelsPage{Sheet: "24", BackURL: "/racks"}),
	} {
		all[name] = p
	}
	return all
}
