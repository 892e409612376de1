// What Go's own module mirror checks its log with (golang.org/x/mod/sumdb), pointed at a folder of
// our tiles: written by others, built by sumdb.process.test.ts.
//
//	sumdb DIR VKEY OLD   reads DIR/checkpoint, DIR/tile/…, DIR/proof-N; prints what it found as lines
package main

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type folder struct{ dir string }

func (f folder) Height() int { return 8 }

// The paths of C2SP have no height in them.
func (f folder) path(t tlog.Tile) string {
	return filepath.Join(f.dir, "tile", strings.TrimPrefix(t.Path(), "tile/8/"))
}

func (f folder) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, t := range tiles {
		data, err := os.ReadFile(f.path(t))
		if err != nil {
			return nil, err
		}
		all = append(all, data)
	}
	return all, nil
}

func (f folder) SaveTiles([]tlog.Tile, [][]byte) {}

func must(err error) {
	if err != nil {
		fmt.Println("refused:", err)
		os.Exit(1)
	}
}

func main() {
	dir := os.Args[1]
	verifier, err := note.NewVerifier(os.Args[2])
	must(err)
	old, err := strconv.ParseInt(os.Args[3], 10, 64)
	must(err)
	text, err := os.ReadFile(filepath.Join(dir, "checkpoint"))
	must(err)
	opened, err := note.Open(text, note.VerifierList(verifier))
	must(err)
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	must(err)
	raw, err := base64.StdEncoding.DecodeString(lines[2])
	must(err)
	tree := tlog.Tree{N: size}
	copy(tree.Hash[:], raw)

	reader := tlog.TileHashReader(tree, folder{dir})
	root, err := tlog.TreeHash(size, reader)
	must(err)
	fmt.Println("root", root, root == tree.Hash)
	before, err := tlog.TreeHash(old, reader)
	must(err)
	grown, err := tlog.ProveTree(size, old, reader)
	must(err)
	must(tlog.CheckTree(grown, size, tree.Hash, old, before))
	fmt.Println("consistency", before, grown)

	proofs, err := filepath.Glob(filepath.Join(dir, "proof-*"))
	must(err)
	for _, name := range proofs {
		checkProof(dir, name, tree, reader)
	}
}

// One leaf: its line from the bundle, our proof of it, and Go's own.
func checkProof(dir string, name string, tree tlog.Tree, reader tlog.HashReader) {
	text, err := os.ReadFile(name)
	must(err)
	head := strings.Split(strings.SplitN(string(text), "\n\n", 2)[0], "\n")
	index, err := strconv.ParseInt(strings.TrimPrefix(head[1], "index "), 10, 64)
	must(err)
	var ours tlog.RecordProof
	for _, line := range head[2:] {
		hash, err := tlog.ParseHash(line)
		must(err)
		ours = append(ours, hash)
	}
	tile := tlog.Tile{H: 8, L: 0, N: index / 256, W: 256}
	if left := tree.N - tile.N*256; left < 256 {
		tile.W = int(left)
	}
	entries := strings.Replace(folder{dir}.path(tile), "tile/0/", "tile/entries/", 1)
	bundle, err := os.ReadFile(entries)
	must(err)
	for skip := index % 256; skip > 0; skip-- {
		bundle = bundle[2+binary.BigEndian.Uint16(bundle):]
	}
	leaf := bundle[2 : 2+binary.BigEndian.Uint16(bundle)]
	must(tlog.CheckRecord(ours, tree.N, tree.Hash, index, tlog.RecordHash(leaf)))
	theirs, err := tlog.ProveRecord(tree.N, index, reader)
	must(err)
	fmt.Println("leaf", index, string(leaf), fmt.Sprint(ours) == fmt.Sprint(theirs))
}
