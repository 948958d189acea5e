// Go's HPACK decoder as a judge of ours. Each line of its input is a story: the blocks of one connection in hex, and before
// each the size that its table may have. Each line of its output has the fields of every block, names and values in base64,
// or the error that the first bad block was.
package main

import (
	"bufio"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/net/http2/hpack"
)

type block struct {
	MaxTableBytes uint32 `json:"maxTableBytes"`
	Hex           string `json:"hex"`
}

type verdict struct {
	Blocks [][][2][]byte `json:"blocks"`
	Error  string        `json:"error,omitempty"`
}

// initialTableBytes is what both sides begin with (RFC 9113 section 6.5.2).
const initialTableBytes = 4096

func decode(story []block) ([][][2][]byte, error) {
	var fields [][2][]byte
	decoder := hpack.NewDecoder(initialTableBytes, func(field hpack.HeaderField) {
		fields = append(fields, [2][]byte{[]byte(field.Name), []byte(field.Value)})
	})
	decoded := [][][2][]byte{}
	for index, one := range story {
		wire, err := hex.DecodeString(one.Hex)
		if err != nil {
			return decoded, err
		}
		fields = [][2][]byte{}
		decoder.SetAllowedMaxDynamicTableSize(one.MaxTableBytes)
		if _, err := decoder.Write(wire); err != nil {
			return decoded, fmt.Errorf("block %d: %w", index, err)
		}
		if err := decoder.Close(); err != nil {
			return decoded, fmt.Errorf("block %d: %w", index, err)
		}
		decoded = append(decoded, fields)
	}
	return decoded, nil
}

func main() {
	input := json.NewDecoder(bufio.NewReader(os.Stdin))
	output := json.NewEncoder(os.Stdout)
	for input.More() {
		var story []block
		if err := input.Decode(&story); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		decoded, err := decode(story)
		judged := verdict{Blocks: decoded}
		if err != nil {
			judged.Error = err.Error()
		}
		if err := output.Encode(judged); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
}
