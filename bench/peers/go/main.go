// The same fan-out with Go's standard library: a goroutine a source, bodies decoded into structs and encoded again.
// No deadline, no breaker, no retry. Pinned to one core, the runtime sees one and sets GOMAXPROCS to 1 by itself.
package main

import (
	"encoding/json"
	"fmt"
	"log"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

const (
	deadlineMs = 1500
	prefix     = "/dashboard/"
)

type user struct {
	ID        string `json:"id"`
	Name      string `json:"name"`
	Email     string `json:"email"`
	AvatarURL string `json:"avatarUrl,omitempty"`
	Plan      string `json:"plan,omitempty"`
	CreatedAt string `json:"createdAt,omitempty"`
}

type item struct {
	Sku        string `json:"sku"`
	Quantity   int    `json:"quantity"`
	PriceCents int    `json:"priceCents"`
}

type order struct {
	ID         string `json:"id"`
	Status     string `json:"status"`
	TotalCents int    `json:"totalCents"`
	Currency   string `json:"currency"`
	PlacedAt   string `json:"placedAt"`
	Items      []item `json:"items,omitempty"`
}

type recommendation struct {
	ProductID string  `json:"productId"`
	Title     string  `json:"title"`
	Score     float64 `json:"score"`
	Reason    string  `json:"reason,omitempty"`
}

type data struct {
	User            user             `json:"user"`
	Orders          []order          `json:"orders"`
	Recommendations []recommendation `json:"recommendations"`
}

type report struct {
	Status    string `json:"status"`
	ElapsedMs int64  `json:"elapsedMs"`
	Attempts  int    `json:"attempts"`
}

type reports struct {
	User            report `json:"user"`
	Orders          report `json:"orders"`
	Recommendations report `json:"recommendations"`
}

type meta struct {
	RequestID  string `json:"requestId"`
	ElapsedMs  int64  `json:"elapsedMs"`
	DeadlineMs int    `json:"deadlineMs"`
}

type answer struct {
	Status  string   `json:"status"`
	UserID  string   `json:"userId"`
	Data    data     `json:"data"`
	Missing []string `json:"missing"`
	Stale   []string `json:"stale"`
	Sources reports  `json:"sources"`
	Meta    meta     `json:"meta"`
}

var (
	userURL           = os.Getenv("USER_SERVICE_URL") + "/users/"
	orderURL          = os.Getenv("ORDER_SERVICE_URL") + "/orders?user_id="
	recommendationURL = os.Getenv("RECOMMENDATION_SERVICE_URL") + "/recommendations/"
	requests          uint64
	// As many idle connections a source as there are requests under way; the default keeps two.
	client = &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 10000, IdleConnTimeout: 30 * time.Second}}
)

func fetch(url string, startedAt time.Time, into any, told *report) error {
	response, err := client.Get(url)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("a source answered %d", response.StatusCode)
	}
	if err := json.NewDecoder(response.Body).Decode(into); err != nil {
		return err
	}
	*told = report{Status: "fresh", ElapsedMs: time.Since(startedAt).Milliseconds(), Attempts: 1}
	return nil
}

func dashboard(writer http.ResponseWriter, request *http.Request) {
	startedAt := time.Now()
	userID := strings.TrimPrefix(request.URL.Path, prefix)
	encoded := url.PathEscape(userID)
	result := answer{Status: "success", UserID: userID, Missing: []string{}, Stale: []string{}}
	failures := make(chan error, 3)
	go func() { failures <- fetch(userURL+encoded, startedAt, &result.Data.User, &result.Sources.User) }()
	go func() { failures <- fetch(orderURL+encoded, startedAt, &result.Data.Orders, &result.Sources.Orders) }()
	go func() {
		failures <- fetch(recommendationURL+encoded, startedAt, &result.Data.Recommendations, &result.Sources.Recommendations)
	}()
	for i := 0; i < 3; i++ {
		if err := <-failures; err != nil {
			http.Error(writer, "bad gateway", http.StatusBadGateway)
			return
		}
	}
	result.Meta = meta{
		RequestID:  "req-" + strconv.FormatUint(atomic.AddUint64(&requests, 1), 36),
		ElapsedMs:  time.Since(startedAt).Milliseconds(),
		DeadlineMs: deadlineMs,
	}
	body, err := json.Marshal(result)
	if err != nil {
		http.Error(writer, "internal error", http.StatusInternalServerError)
		return
	}
	writer.Header().Set("Content-Type", "application/json; charset=utf-8")
	writer.Header().Set("Content-Length", strconv.Itoa(len(body)))
	_, _ = writer.Write(body)
}

func main() {
	http.HandleFunc(prefix, dashboard)
	log.Fatal(http.ListenAndServe(os.Getenv("HOST")+":"+os.Getenv("PORT"), nil))
}
