package frontend

import (
	"fmt"

	"github.com/labstack/echo/v4"
)

// routes is every page there is, on this one page. A GET shows, a POST does one act and leads back.
func (d *door) routes(e *echo.Group) {
	e.GET("/", d.home)
	e.GET("/signin", d.signIn)
	e.POST("/signin", d.signInDone)
	e.POST("/signout", d.signOut)
	e.GET("/lang", d.language)

	e.GET("/board", d.board)
	e.GET("/board/live", d.boardLive)
	e.GET("/events", d.events)
	e.POST("/confirmations", d.confirm)
	e.POST("/confirmations/fine", d.confirmFine)

	e.GET("/incidents", d.incidents)
	e.GET("/towns/:town/incidents/:id", d.incident)
	e.GET("/towns/:town/incidents/:id/live", d.incidentLive)
	e.POST("/towns/:town/incidents/:id/acknowledgements", d.acknowledge)
	e.POST("/towns/:town/incidents/:id/calls", d.recordCall)
	e.POST("/towns/:town/incidents/:id/notes", d.note)
	e.GET("/a/:token", d.ack)
	e.POST("/a/:token", d.ackDone)

	e.GET("/towns", d.towns)
	e.GET("/towns/:town", d.town)
	e.GET("/towns/:town/book", d.book)
	e.GET("/towns/:town/plans/:id", d.plan)
	e.POST("/towns/:town/runs/:id/verification", d.verifyAgain)
	e.POST("/towns/:town/plans/:id/uuid", d.rotateUUID)
	e.GET("/towns/:town/plans/:id/excuse", d.excuse)
	e.POST("/towns/:town/plans/:id/excuse", d.excuseDone)

	e.GET("/outbox", d.outbox)
	e.GET("/log", d.log)
	e.GET("/demo/mailbox", d.mailbox)

	e.GET("/settings", d.settings)
	e.GET("/settings/towns", d.townList)
	e.GET("/settings/towns/new", d.townNew)
	e.POST("/settings/towns", d.townAdd)
	e.GET("/settings/towns/:town", d.townEdit)
	e.POST("/settings/towns/:town", d.townChange)
	e.GET("/settings/towns/:town/days", d.localDays)
	e.POST("/settings/towns/:town/days", d.localDaySet)
	e.POST("/settings/towns/:town/days/:day/removal", d.localDayDrop)
	e.GET("/settings/towns/:town/servers", d.servers)
	e.GET("/settings/towns/:town/servers/new", d.serverNew)
	e.POST("/settings/towns/:town/servers", d.serverAdd)
	e.GET("/settings/towns/:town/servers/:id", d.serverEdit)
	e.POST("/settings/towns/:town/servers/:id", d.serverChange)
	e.POST("/settings/towns/:town/servers/:id/retirement", d.serverRetire)
	e.GET("/settings/towns/:town/contacts", d.contacts)
	e.GET("/settings/towns/:town/contacts/new", d.contactNew)
	e.POST("/settings/towns/:town/contacts", d.contactAdd)
	e.POST("/settings/towns/:town/contacts/order", d.contactOrder)
	e.GET("/settings/towns/:town/contacts/:id", d.contactEdit)
	e.POST("/settings/towns/:town/contacts/:id", d.contactChange)
	e.POST("/settings/towns/:town/contacts/:id/retirement", d.contactRetire)
	e.GET("/settings/towns/:town/ladders/:id", d.ladderEdit)
	e.POST("/settings/towns/:town/ladders/:id", d.ladderChange)
	e.GET("/settings/towns/:town/stores", d.stores)
	e.GET("/settings/towns/:town/stores/new", d.storeNew)
	e.POST("/settings/towns/:town/stores", d.storeAdd)
	e.GET("/settings/towns/:town/stores/:id", d.storeEdit)
	e.POST("/settings/towns/:town/stores/:id", d.storeChange)
	e.POST("/settings/towns/:town/stores/:id/retirement", d.storeRetire)
	e.GET("/settings/towns/:town/plans", d.plans)
	e.GET("/settings/towns/:town/plans/new", d.planNew)
	e.POST("/settings/towns/:town/plans", d.planAdd)
	e.GET("/settings/towns/:town/plans/:id", d.planEdit)
	e.POST("/settings/towns/:town/plans/:id", d.planChange)
	e.POST("/settings/towns/:town/plans/:id/retirement", d.planRetire)
	e.GET("/settings/people", d.people)
	e.GET("/settings/people/new", d.personNew)
	e.POST("/settings/people", d.personAdd)
	e.POST("/settings/people/:town/:id/password", d.personPassword)
	e.POST("/settings/people/:town/:id/disabling", d.personDisable)
	e.GET("/settings/password", d.password)
	e.POST("/settings/password", d.passwordChange)
	e.GET("/settings/tokens", d.tokens)
	e.POST("/settings/tokens", d.tokenMake)
	e.POST("/settings/tokens/:id/revocation", d.tokenRevoke)
}

// The addresses of pages that others link to.
func townURL(town int64) string         { return fmt.Sprintf("/towns/%d", town) }
func planURL(town, plan int64) string   { return fmt.Sprintf("/towns/%d/plans/%d", town, plan) }
func incidentURL(town, id int64) string { return fmt.Sprintf("/towns/%d/incidents/%d", town, id) }
func settingsURL(town int64, what string) string {
	return fmt.Sprintf("/settings/towns/%d/%s", town, what)
}
