package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// processes are the server's, by process id.
type processes []int

// ticksPerSecond is the kernel's unit of CPU time in /proc, the same on every Linux that Go supports.
const ticksPerSecond = 100

// processesBeside reads pids.json beside a kubeconfig (name -> process id); none when there is no such file.
func processesBeside(kubeconfig string) (processes, error) {
	data, err := os.ReadFile(filepath.Join(filepath.Dir(kubeconfig), "pids.json"))
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	names := map[string]int{}
	if err := json.Unmarshal(data, &names); err != nil {
		return nil, fmt.Errorf("pids.json: %w", err)
	}
	seen := map[int]bool{} // one process may have several names
	var out processes
	for _, pid := range names {
		if !seen[pid] {
			seen[pid] = true
			out = append(out, pid)
		}
	}
	return out, nil
}

// cpu time of user and kernel that all threads have used so far.
func (p processes) cpu() (time.Duration, error) {
	var sum time.Duration
	for _, pid := range p {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			return 0, err
		}
		ticks, err := cpuTicks(stat)
		if err != nil {
			return 0, fmt.Errorf("/proc/%d/stat: %w", pid, err)
		}
		sum += time.Duration(ticks) * (time.Second / ticksPerSecond)
	}
	return sum, nil
}

// cpuTicks adds utime and stime, fields 14 and 15. The second field, the command's name, may contain anything: what counts starts behind
// the last parenthesis.
func cpuTicks(stat []byte) (int64, error) {
	end := bytes.LastIndexByte(stat, ')')
	fields := bytes.Fields(stat[end+1:])
	if end < 0 || len(fields) < 13 {
		return 0, fmt.Errorf("not a stat line: %q", stat)
	}
	user, err := strconv.ParseInt(string(fields[11]), 10, 64)
	if err != nil {
		return 0, err
	}
	kernel, err := strconv.ParseInt(string(fields[12]), 10, 64)
	if err != nil {
		return 0, err
	}
	return user + kernel, nil
}

// resident memory now, in bytes.
func (p processes) resident() (int64, error) { return p.sum("VmRSS:") }

// peakResident memory since resetPeak, in bytes.
func (p processes) peakResident() (int64, error) { return p.sum("VmHWM:") }

// resetPeak sets the peak to what is resident now.
func (p processes) resetPeak() error {
	for _, pid := range p {
		if err := os.WriteFile(fmt.Sprintf("/proc/%d/clear_refs", pid), []byte("5"), 0); err != nil {
			return err
		}
	}
	return nil
}

func (p processes) sum(field string) (int64, error) {
	var sum int64
	for _, pid := range p {
		status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
		if err != nil {
			return 0, err
		}
		n, err := statusBytes(status, field)
		if err != nil {
			return 0, fmt.Errorf("/proc/%d/status: %w", pid, err)
		}
		sum += n
	}
	return sum, nil
}

// statusBytes reads a line like "VmRSS:  1234 kB".
func statusBytes(status []byte, field string) (int64, error) {
	for line := range bytes.Lines(status) {
		if f := bytes.Fields(line); len(f) == 3 && string(f[0]) == field {
			kib, err := strconv.ParseInt(string(f[1]), 10, 64)
			return kib << 10, err
		}
	}
	return 0, fmt.Errorf("no field %s", field)
}
