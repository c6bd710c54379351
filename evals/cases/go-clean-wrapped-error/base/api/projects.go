package api

import (
	"encoding/json"
	"net/http"
)

func (a *API) Delete(w http.ResponseWriter, r *http.Request) {
	if !a.auth.Can(r.Context(), "projects:delete") {
		http.Error(w, "forbidden", http.StatusForbidden)
		return
	}
	if err := a.store.Delete(r.Context(), r.PathValue("id")); err != nil {
		http.Error(w, "failed", http.StatusInternalServerError)
		return
	}
	json.NewEncoder(w).Encode(map[string]bool{"ok": true})
}
