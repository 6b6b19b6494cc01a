package view

import "slices"

// sampleAckMany is what the link of a mail about several incidents shows before anybody has answered.
func sampleAckMany(l Lang, one AckPage) AckPage {
	tr := l.Tr
	one.Title, one.Open = tr("むかわ町　4件の異常", "Mukawa · 4 incidents"), 4
	for n, what := range [][4]string{
		{tr("戸籍正 夜間バックアップ　途中で切れています", "Main nightly · cut short"), tr("3.9 GBのうち2.4 GBで終わっています。", "The file ends after 2.4 GB of 3.9 GB."), "8-0147"},
		{tr("戸籍副 夜間バックアップ　未着", "Standby nightly · missing"), tr("03:30までの約束でしたが届いていません。", "It was due by 03:30 and has not come."), "8-0148"},
		{tr("附票 夜間バックアップ　未着", "Supplementary register nightly · missing"), tr("03:30までの約束でしたが届いていません。", "It was due by 03:30 and has not come."), "8-0149"},
		{tr("届書イメージ保管サーバ（平成二十年度以前分） 週次全件バックアップ　終わっていない", "Images of reports, weekly full · not ended"), tr("02:00に始まったまま、終わりの知らせがありません。", "It began at 02:00 and its end was not reported."), "8-0150"},
	} {
		one.Matters = append(one.Matters, AckMatter{Number: what[2], Title: what[0], Sentence: what[1], State: "open", OpenedAt: at(21, 3, 31+n)})
	}
	return one
}

// sampleAckPart is the same when one is over and a colleague has answered for another.
func sampleAckPart(l Lang, many AckPage) AckPage {
	many.Matters, many.Open = slices.Clone(many.Matters), 2
	many.Matters[1].State, many.Matters[1].Resolved = "resolved", at(21, 4, 12)
	many.Matters[2].State, many.Matters[2].Answered = "acknowledged", &Promise{By: l.Tr("町民課長 見本 一郎", "Mihon Ichiro"), Text: l.Tr("業者に確認中", "asking the vendor"), Until: at(21, 10, 0)}
	return many
}
