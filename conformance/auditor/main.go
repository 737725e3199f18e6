// SPDX-License-Identifier: Apache-2.0

// Auditor checks a published log with the Go project's own transparency log code,
// golang.org/x/mod/sumdb, and shares no line with the Python verifier.
//
//	auditor LOG VERIFIER-KEY
//
// It prints OK and exits with 0, or prints FAIL with what failed and exits with 1.
package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const height = 8 // a full tile has 2^8 hashes, a full bundle as many entries

// tree holds every hash of the log, computed here from the entries alone.
type tree []tlog.Hash

func (t tree) ReadHashes(places []int64) (hashes []tlog.Hash, err error) {
	for _, place := range places {
		hashes = append(hashes, t[place])
	}
	return hashes, nil
}

// read returns a tile's file, or the full tile's where the partial one was deleted (C2SP tlog-tiles).
// x/mod says tile/8/0/001 and tile/8/data/001 for what C2SP calls tile/0/001 and tile/entries/001.
func read(log string, tile tlog.Tile) (data []byte, whole bool, err error) {
	path := strings.Replace(strings.Replace(tile.Path(), "tile/8/", "tile/", 1), "/data/", "/entries/", 1)
	data, err = os.ReadFile(filepath.Join(log, path))
	if full, _, partial := strings.Cut(path, ".p/"); partial && errors.Is(err, fs.ErrNotExist) {
		data, err = os.ReadFile(filepath.Join(log, full))
		return data, false, err
	}
	return data, true, err
}

// entries takes a bundle apart: each entry stands behind its length in two bytes.
func entries(bundle []byte) (found [][]byte, rest []byte) {
	for len(bundle) >= 2 && len(bundle)-2 >= int(binary.BigEndian.Uint16(bundle)) {
		end := 2 + int(binary.BigEndian.Uint16(bundle))
		found, bundle = append(found, bundle[2:end]), bundle[end:]
	}
	return found, bundle
}

// open returns the state of the log that its own key signed (C2SP signed-note, tlog-checkpoint).
func open(log, key string) (state tlog.Tree, err error) {
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return state, err
	}
	signed, err := os.ReadFile(filepath.Join(log, "checkpoint"))
	if err != nil {
		return state, err
	}
	checkpoint, err := note.Open(signed, note.VerifierList(verifier))
	if err != nil {
		return state, err
	}
	origin, rest, _ := strings.Cut(checkpoint.Text, "\n")
	if origin != verifier.Name() || strings.Count(rest, "\n") != 2 {
		return state, fmt.Errorf("this is no checkpoint of %s", verifier.Name())
	}
	// x/mod knows one log only, the Go checksum database: its name stands in for the origin.
	return tlog.ParseTree([]byte("go.sum database tree\n" + rest))
}

// tilesOf lists the tiles of a log, level by level (tlog.NewTiles lists every width of a partial one).
func tilesOf(size int64) (tiles []tlog.Tile) {
	for level := 0; size > 0; level, size = level+1, size>>height {
		for first := int64(0); first < size; first += 1 << height {
			tile := tlog.Tile{H: height, L: level, N: first >> height, W: 1 << height}
			if size-first < 1<<height {
				tile.W = int(size - first)
			}
			tiles = append(tiles, tile)
		}
	}
	return tiles
}

// audit does not use tlog.TileHashReader: before x/mod 0.40 it left some tiles unauthenticated
// (CVE-2026-56865), and Debian's is older.
func audit(log, key string) (state tlog.Tree, err error) {
	// 1. The checkpoint is signed.
	if state, err = open(log, key); err != nil {
		return state, err
	}
	// 2. Every entry has the leaf hash that its tile says (RFC 6962 section 2.1), and none is too many.
	var computed tree
	tiles := tilesOf(state.N)
	for _, tile := range tiles {
		if tile.L != 0 {
			continue
		}
		first := tile.N << height
		hashes, _, err := read(log, tile)
		if err != nil {
			return state, err
		}
		bundle, whole, err := read(log, tlog.Tile{H: height, L: -1, N: tile.N, W: tile.W})
		if err != nil {
			return state, err
		}
		found, rest := entries(bundle)
		for at := 0; at < tile.W; at++ {
			place := (at + 1) * tlog.HashSize
			if at >= len(found) || place > len(hashes) {
				return state, fmt.Errorf("leaf %d: missing", first+int64(at))
			}
			hash := tlog.RecordHash(found[at])
			if !bytes.Equal(hash[:], hashes[place-tlog.HashSize:place]) {
				return state, fmt.Errorf("leaf %d: entry and tile differ", first+int64(at))
			}
			more, err := tlog.StoredHashesForRecordHash(first+int64(at), hash, computed)
			if err != nil {
				return state, err
			}
			computed = append(computed, more...)
		}
		if len(rest) > 0 || whole && len(found) != tile.W {
			return state, fmt.Errorf("leaf %d: not in the tree", first+int64(tile.W))
		}
	}
	// 3. Every tile, at every level, is what the entries give.
	for _, tile := range tiles {
		wanted, err := tlog.ReadTileData(tile, computed)
		if err != nil {
			return state, err
		}
		found, whole, err := read(log, tile)
		if err != nil {
			return state, err
		}
		if !bytes.HasPrefix(found, wanted) || whole && len(found) != len(wanted) {
			return state, fmt.Errorf("tile level %d number %d: not what the entries give", tile.L, tile.N)
		}
	}
	// 4. The root over all entries is the one that was signed.
	root, err := tlog.ParseHash("47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=") // of the empty tree
	if state.N > 0 {
		root, err = tlog.TreeHash(state.N, computed)
	}
	if err == nil && root != state.Hash {
		err = errors.New("root: the entries give another than the one that was signed")
	}
	return state, err
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: auditor LOG VERIFIER-KEY")
		os.Exit(2)
	}
	state, err := audit(os.Args[1], strings.TrimSpace(os.Args[2]))
	if err != nil {
		fmt.Println("FAIL", err)
		os.Exit(1)
	}
	fmt.Println("OK", state.N, "entries, root", state.Hash)
}
