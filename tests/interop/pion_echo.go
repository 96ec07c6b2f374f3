// The other end of an interop test on pion/webrtc: pion_echo offer|answer reliable|unreliable COUNT LARGEST
// Speaks like echo_peer.cpp, which also says what the messages are.
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/pion/webrtc/v3"
)

const windowBytes = 1 << 18

var largest int // of the reliable messages

func sizeOf(i int, reliable bool) int {
	if !reliable {
		return []int{1132, 4528, 9056, 4 + i%1100}[i%4]
	}
	if i%501 == 500 {
		return largest
	}
	if i%97 == 96 {
		return 1 + i*13%20000
	}
	return 1 + i%1200
}

func message(i int, reliable bool) []byte {
	out := make([]byte, sizeOf(i, reliable))
	for j := range out {
		out[j] = byte(31*i + j)
	}
	if len(out) >= 4 {
		binary.BigEndian.PutUint32(out, uint32(i))
	}
	return out
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

type peer struct {
	connection        *webrtc.PeerConnection
	offerer, reliable bool
	count             int
	in                *bufio.Reader

	lock          sync.Mutex
	echoed, wrong int
	received      int
	lastReceived  time.Time
	done          chan string
}

func (p *peer) say() {
	<-webrtc.GatheringCompletePromise(p.connection)
	fmt.Println(base64.RawURLEncoding.EncodeToString([]byte(p.connection.LocalDescription().SDP)))
}

func (p *peer) hear(kind webrtc.SDPType) {
	line, err := p.in.ReadString('\n')
	must(err)
	text, err := base64.RawURLEncoding.DecodeString(strings.TrimSpace(line))
	must(err)
	must(p.connection.SetRemoteDescription(webrtc.SessionDescription{Type: kind, SDP: string(text)}))
}

func (p *peer) check(got []byte) {
	p.lock.Lock()
	defer p.lock.Unlock()
	p.received++
	p.lastReceived = time.Now()
	i := p.echoed
	if !p.reliable {
		i = int(binary.BigEndian.Uint32(got))
	}
	if bytes.Equal(got, message(i, p.reliable)) {
		p.echoed++
	} else {
		p.wrong++
	}
	if p.echoed == p.count {
		p.finish("all")
	}
}

func (p *peer) finish(why string) {
	select {
	case p.done <- why:
	default:
	}
}

func (p *peer) send(channel *webrtc.DataChannel) {
	room := make(chan struct{}, 1)
	channel.SetBufferedAmountLowThreshold(windowBytes / 2)
	channel.OnBufferedAmountLow(func() {
		select {
		case room <- struct{}{}:
		default:
		}
	})
	for i := 0; i < p.count; i++ {
		for channel.BufferedAmount() > windowBytes {
			select {
			case <-room:
			case <-time.After(20 * time.Millisecond):
			}
		}
		if channel.Send(message(i, p.reliable)) != nil {
			return
		}
	}
	for !p.reliable {
		time.Sleep(100 * time.Millisecond)
		p.lock.Lock()
		quiet := time.Since(p.lastReceived) > 1500*time.Millisecond
		p.lock.Unlock()
		if quiet {
			p.finish("quiet")
			return
		}
	}
}

func main() {
	if len(os.Args) < 5 {
		fmt.Fprintln(os.Stderr, "usage: pion_echo offer|answer reliable|unreliable COUNT LARGEST")
		os.Exit(2)
	}
	count, err := strconv.Atoi(os.Args[3])
	must(err)
	largest, err = strconv.Atoi(os.Args[4])
	must(err)
	connection, err := webrtc.NewPeerConnection(webrtc.Configuration{})
	must(err)
	p := &peer{connection: connection, offerer: os.Args[1] == "offer", reliable: os.Args[2] == "reliable", count: count,
		in: bufio.NewReaderSize(os.Stdin, 1<<16), done: make(chan string, 1), lastReceived: time.Now()}
	if p.offerer {
		options := &webrtc.DataChannelInit{}
		if !p.reliable {
			ordered, retransmits := false, uint16(0)
			options = &webrtc.DataChannelInit{Ordered: &ordered, MaxRetransmits: &retransmits}
		}
		channel, err := connection.CreateDataChannel("data", options)
		must(err)
		channel.OnOpen(func() { go p.send(channel) })
		channel.OnMessage(func(m webrtc.DataChannelMessage) { p.check(m.Data) })
		channel.OnClose(func() { p.finish("closed") })
		offer, err := connection.CreateOffer(nil)
		must(err)
		must(connection.SetLocalDescription(offer))
		p.say()
		p.hear(webrtc.SDPTypeAnswer)
	} else {
		connection.OnDataChannel(func(channel *webrtc.DataChannel) {
			channel.OnMessage(func(m webrtc.DataChannelMessage) {
				p.lock.Lock()
				p.received++
				p.lock.Unlock()
				_ = channel.Send(m.Data)
			})
			channel.OnClose(func() { p.finish("closed") })
		})
		p.hear(webrtc.SDPTypeOffer)
		answer, err := connection.CreateAnswer(nil)
		must(err)
		must(connection.SetLocalDescription(answer))
		p.say()
	}
	why := "timeout"
	select {
	case why = <-p.done:
	case <-time.After(60 * time.Second):
	}
	p.lock.Lock()
	defer p.lock.Unlock()
	ok := p.wrong == 0
	if p.offerer {
		ok = ok && (p.echoed == p.count || (!p.reliable && p.echoed*10 >= p.count*9))
	} else {
		ok = ok && why == "closed"
	}
	_ = connection.Close()
	fmt.Printf("RESULT ok=%t echoed=%d wrong=%d received=%d end=%s\n", ok, p.echoed, p.wrong, p.received, why)
	if !ok {
		os.Exit(1)
	}
}
