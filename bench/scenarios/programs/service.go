// service ADDRESS|URL HOW ROUNDS WIDTH: a service that asks another one WIDTH times at once, and again when all are answered.
//
//	default      http.DefaultTransport: two idle connections are kept for each host
//	enough       MaxIdleConnsPerHost = WIDTH
//	none         DisableKeepAlives
//	unread       100 kB of answer, which is closed before it is read
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"
)

func number(text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		panic(err)
	}
	return n
}

func ask(client *http.Client, url string, read bool) error {
	answer, err := client.Get(url)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	if read {
		_, err = io.Copy(io.Discard, answer.Body)
	}
	return err
}

func main() {
	url, how, rounds, width := os.Args[1], os.Args[2], number(os.Args[3]), number(os.Args[4])
	if !strings.Contains(url, "://") {
		url = "http://" + url + ":9000/"
	}
	transport := http.DefaultTransport.(*http.Transport).Clone()
	switch how {
	case "enough":
		transport.MaxIdleConnsPerHost = width
	case "none":
		transport.DisableKeepAlives = true
	case "unread":
		url += "?size=100k"
	}
	client := &http.Client{Transport: transport}

	done, failure := 0, ""
	answers := make(chan error)
	for round := 0; round < rounds; round++ {
		for i := 0; i < width; i++ {
			go func() { answers <- ask(client, url, how != "unread") }()
		}
		for i := 0; i < width; i++ {
			if err := <-answers; err == nil {
				done++
			} else {
				failure = "; " + err.Error()
			}
		}
	}
	fmt.Printf("%d of %d done%s\n", done, rounds*width, failure)
	if done < rounds*width {
		os.Exit(1)
	}
}
