// Presigns as a user of minio-go would: paths of S3 objects, a call at a time, for a while.
// Usage: presign PATHS SECONDS. Prints {"wall_us", "cpu_us"} a path, the median call's.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"sort"
	"strconv"
	"syscall"
	"time"

	"github.com/minio/minio-go/v7"
	"github.com/minio/minio-go/v7/pkg/credentials"
)

func cpu() time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		log.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func main() {
	count, _ := strconv.Atoi(os.Args[1])
	seconds, _ := strconv.ParseFloat(os.Args[2], 64)
	client, err := minio.New("storage.example", &minio.Options{
		Creds:  credentials.NewStaticV4("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""),
		Secure: true, Region: "us-east-1", BucketLookup: minio.BucketLookupDNS,
	})
	if err != nil {
		log.Fatal(err)
	}
	urls := make([]string, count)
	call := func() {
		for i := range urls {
			path := fmt.Sprintf("uploads/co_xyz/file_abc123%06d/context.pdf", i+1)
			url, err := client.PresignedGetObject(context.Background(), "stored-files", path, 300*time.Second, nil)
			if err != nil {
				log.Fatal(err)
			}
			urls[i] = url.String()
		}
	}
	var walls, cpus []float64
	for end := time.Now().Add(time.Duration(seconds * float64(time.Second))); len(walls) < 3 || time.Now().Before(end); {
		wall, used := time.Now(), cpu()
		call()
		cpus = append(cpus, float64((cpu()-used).Nanoseconds())/1e3/float64(count))
		walls = append(walls, float64(time.Since(wall).Nanoseconds())/1e3/float64(count))
	}
	sort.Float64s(walls)
	sort.Float64s(cpus)
	json.NewEncoder(os.Stdout).Encode(map[string]interface{}{
		"wall_us": walls[len(walls)/2], "cpu_us": cpus[len(cpus)/2], "first": urls[0]})
}
