package quota

import (
	"errors"
	"io/fs"
	"os"
	"testing"
	"testing/fstest"
)

func TestMemory(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		want  int64
	}{
		"no groups": {nil, 0},
		"strange":   {map[string]string{"proc/self/cgroup": "what\n::\n\n"}, 0},
		"version 2, none": {map[string]string{
			"proc/self/cgroup": "0::/user.slice\n", "sys/fs/cgroup/user.slice/memory.max": "max\n",
		}, 0},
		"version 2, an outer one": {map[string]string{
			"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max": "max\n", "sys/fs/cgroup/a/memory.max": "3000\n",
		}, 3000},
		"version 2, the lower one": {map[string]string{
			"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max": "2000\n", "sys/fs/cgroup/a/memory.max": "3000\n",
		}, 2000},
		"version 2, in a container": {map[string]string{
			"proc/self/cgroup": "0::/../../x\n", "sys/fs/cgroup/memory.max": "4000\n",
		}, 4000},
		"version 1": {map[string]string{
			"proc/self/cgroup": "5:cpu:/\n4:hugetlb,memory:/docker/1\n0::/\n", "sys/fs/cgroup/memory/docker/1/memory.limit_in_bytes": "5000\n",
		}, 5000},
		"version 1, none": {map[string]string{
			"proc/self/cgroup": "4:memory:/x\n", "sys/fs/cgroup/memory/x/memory.limit_in_bytes": "9223372036854771712\n",
		}, 0},
		"version 1, in a container": {map[string]string{
			"proc/self/cgroup": "4:memory:/docker/1\n", "sys/fs/cgroup/memory/memory.limit_in_bytes": "6000\n",
		}, 6000},
	} {
		files := fstest.MapFS{}
		for name, text := range c.files {
			files[name] = &fstest.MapFile{Data: []byte(text)}
		}
		if got := Memory(files); got != c.want {
			t.Errorf("%s: %d, want %d", name, got, c.want)
		}
	}
}

// What the system says is read as os reads it.
func TestSystem(t *testing.T) {
	want, err := fs.ReadFile(os.DirFS("/"), "proc/self/cgroup")
	if err != nil {
		t.Skip("no control groups here:", err)
	}
	if got, err := fs.ReadFile(System(), "proc/self/cgroup"); err != nil || string(got) != string(want) {
		t.Errorf("%q, %v, want %q", got, err, want)
	}
	if _, err := fs.ReadFile(System(), "proc/self/none"); !errors.Is(err, fs.ErrNotExist) {
		t.Error(err)
	}
	if got, want := Memory(System()), Memory(os.DirFS("/")); got != want {
		t.Errorf("a limit of %d bytes, want %d", got, want)
	}
}
