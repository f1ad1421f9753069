// Pion as one end of a pair: the commands of worker.py as JSON lines on standard input, one answer each.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/pion/webrtc/v4"
)

// request is one command with whichever arguments it has.
type request struct {
	Op          string
	Description webrtc.SessionDescription
	Seconds     float64
	Size        int
}

type poured struct {
	Seconds float64 `json:"seconds"`
	Bytes   int     `json:"bytes"`
}

type pinged struct {
	Seconds float64 `json:"seconds"`
	Trips   int     `json:"trips"`
}

// worker carries out the commands; the newest link is measured.
type worker struct {
	links []*link
}

func (w *worker) newest() *link {
	return w.links[len(w.links)-1]
}

func (w *worker) perform(r request) (any, error) {
	switch r.Op {
	case "offer", "answer":
		made, err := newLink()
		if err != nil {
			return nil, err
		}
		w.links = append(w.links, made)
		if r.Op == "offer" {
			return made.offer()
		}
		return made.answer(r.Description)
	case "accept":
		return nil, w.newest().connection.SetRemoteDescription(r.Description)
	case "opened":
		<-w.newest().opened
		return nil, nil
	case "close":
		last := w.newest()
		w.links = w.links[:len(w.links)-1]
		return nil, last.connection.Close()
	case "usage":
		return usage()
	}
	return w.measure(r)
}

func (w *worker) measure(r request) (any, error) {
	period := time.Duration(r.Seconds * float64(time.Second))
	switch r.Op {
	case "pour":
		return w.newest().pour(period, r.Size)
	case "ping":
		return w.newest().ping(period, r.Size)
	case "sink":
		w.newest().sink()
		return nil, nil
	case "echo":
		w.newest().listen(w.newest().send)
		return nil, nil
	}
	return nil, fmt.Errorf("no command %q", r.Op)
}

// usage is the CPU seconds of this process so far.
func usage() (float64, error) {
	var used syscall.Rusage
	err := syscall.Getrusage(syscall.RUSAGE_SELF, &used)
	total := time.Duration(used.Utime.Nano() + used.Stime.Nano())
	return total.Seconds(), err
}

// pour sends for a while, then waits until the sink has told how much arrived.
func (l *link) pour(period time.Duration, size int) (any, error) {
	reply := make(chan string, 1)
	l.listen(func(message webrtc.DataChannelMessage) { reply <- string(message.Data) })
	data := make([]byte, size)
	started := time.Now()
	for time.Since(started) < period {
		if err := l.channel.Send(data); err != nil {
			return nil, err
		}
		for l.channel.BufferedAmount() > high {
			<-l.low
		}
	}
	if err := l.channel.SendText("end"); err != nil {
		return nil, err
	}
	received, err := strconv.Atoi(<-reply)
	return poured{time.Since(started).Seconds(), received}, err
}

// sink counts what pour sends.
func (l *link) sink() {
	arrived := 0
	l.listen(func(message webrtc.DataChannelMessage) {
		if !message.IsString {
			arrived += len(message.Data)
			return
		}
		check(l.channel.SendText(strconv.Itoa(arrived)))
		arrived = 0
	})
}

// ping sends a message, waits for its echo, and again.
func (l *link) ping(period time.Duration, size int) (any, error) {
	data := make([]byte, size)
	done := make(chan pinged, 1)
	trips := 0
	started := time.Now()
	l.listen(func(webrtc.DataChannelMessage) {
		trips++
		if time.Since(started) < period {
			check(l.channel.Send(data))
		} else {
			done <- pinged{time.Since(started).Seconds(), trips}
		}
	})
	if err := l.channel.Send(data); err != nil {
		return nil, err
	}
	return <-done, nil
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "pion:", err)
		os.Exit(1)
	}
}

func main() {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	answers := json.NewEncoder(os.Stdout)
	var w worker
	for lines.Scan() {
		var r request
		check(json.Unmarshal(lines.Bytes(), &r))
		result, err := w.perform(r)
		check(err)
		check(answers.Encode(result))
	}
}
