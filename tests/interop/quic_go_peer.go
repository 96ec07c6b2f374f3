// Both ends of a QUIC transfer by quic-go, an implementation we have no part in:
//
//	quic_go_peer serve ADDRESS           prints the port; answers each stream's "N\n" with N bytes of noise
//	quic_go_peer fetch ADDRESS N         fetches N bytes and prints their number and SHA-256
package main

import (
	"bufio"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/lucas-clemente/quic-go"
)

const protocol = "noise"

var config = &quic.Config{MaxIdleTimeout: 20 * time.Second}

// The same bytes for everybody who asks for so many.
type noise struct{ state uint32 }

func (n *noise) Read(out []byte) (int, error) {
	for i := range out {
		n.state = n.state*1664525 + 1013904223
		out[i] = byte(n.state >> 24)
	}
	return len(out), nil
}

func identity() tls.Certificate {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		log.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: protocol},
		NotAfter: time.Now().Add(24 * time.Hour)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, public, private)
	if err != nil {
		log.Fatal(err)
	}
	return tls.Certificate{Certificate: [][]byte{certificate}, PrivateKey: private}
}

func serve(address string) {
	listener, err := quic.ListenAddr(address,
		&tls.Config{Certificates: []tls.Certificate{identity()}, NextProtos: []string{protocol}}, config)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(listener.Addr().(*net.UDPAddr).Port)
	for {
		connection, err := listener.Accept(context.Background())
		if err != nil {
			log.Fatal(err)
		}
		go func() {
			for {
				stream, err := connection.AcceptStream(context.Background())
				if err != nil {
					return
				}
				line, _ := bufio.NewReader(stream).ReadString('\n')
				count, _ := strconv.ParseInt(strings.TrimSpace(line), 10, 64)
				_, _ = io.CopyN(stream, &noise{}, count)
				_ = stream.Close()
			}
		}()
	}
}

func fetch(address, count string) {
	connection, err := quic.DialAddr(address, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{protocol}}, config)
	if err != nil {
		log.Fatal("dial: ", err)
	}
	stream, err := connection.OpenStreamSync(context.Background())
	if err != nil {
		log.Fatal("open: ", err)
	}
	fmt.Fprintln(stream, count)
	hash := sha256.New()
	got, err := io.Copy(hash, stream)
	if err != nil {
		log.Fatal("read: ", err)
	}
	fmt.Printf("%d %x\n", got, hash.Sum(nil))
	_ = connection.CloseWithError(0, "")
}

func main() {
	switch {
	case len(os.Args) == 3 && os.Args[1] == "serve":
		serve(os.Args[2])
	case len(os.Args) == 4 && os.Args[1] == "fetch":
		fetch(os.Args[2], os.Args[3])
	default:
		log.Fatal("usage: quic_go_peer serve ADDRESS | fetch ADDRESS N")
	}
}
