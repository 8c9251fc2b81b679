package snapshot

import (
	"encoding/json"
	"strings"
	"testing"
)

// replyFrom makes a reply as the driver decodes it out of JSON: whole numbers are integers, objects are maps of RESP3,
// and § is a byte that is not UTF-8.
func replyFrom(v any) any {
	switch v := v.(type) {
	case string:
		return strings.ReplaceAll(v, "§", "\xff")
	case float64:
		if v == float64(int64(v)) {
			return int64(v)
		}
		return v
	case []any:
		list := make([]any, len(v))
		for i := range v {
			list[i] = replyFrom(v[i])
		}
		return list
	case map[string]any:
		m := map[any]any{}
		for key, value := range v {
			m[replyFrom(key)] = replyFrom(value)
		}
		return m
	}
	return v
}

// FuzzReplies gives every parser every shape: none fails but by an error, and what is understood is saved losslessly.
func FuzzReplies(f *testing.F) {
	for _, seed := range []string{
		`[[1,1700000000,1500,["GET","k§"],"10.0.0.1:5","api§"]]`,
		`[["command",1700000000,250,1000],["evict-del",1,2,3,4,5]]`,
		`[["count",2,"reason","auth§","object","k§","username","m§","age-seconds","1e309","client-info","id=1 addr=§ name=x"]]`,
		`{"flags":["on","nopass"],"passwords":["5e88"],"commands":"+@all","keys":"~a§ ~b","channels":"&*","selectors":[[]]}`,
		`["user default on nopass ~* &* +@all","user § off #5e88 (~x +y)"]`,
		`["maxmemory","10","requirepass","x","dir","/data/§"]`,
		`{"peak.allocated":1,"fragmentation":7.5,"db.0":{"a":1}}`,
		`[[0,5460,["10.0.0.1",6379,"a§"],[null,6379,"d"]],[5461,16383,["h",1,"b"]]]`,
		`[{"slots":[0,100],"nodes":[{"id":"a","port":1,"ip":"1.2.3.4","endpoint":"?","role":"master","health":"online§"}]}]`,
		`"cluster_state:fail§\r\ncluster_x:1"`, `"id=1 addr=a:1 name=§ db=0 flags=§"`, `5`, `null`, `true`, `[[-9e18,9e18]]`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		var tree any
		if json.Unmarshal([]byte(text), &tree) != nil {
			return
		}
		reply := replyFrom(tree)
		n := Node{
			Keys: understood(ParseInt(reply)), Slowlog: understood(ParseSlowlog(reply)),
			Clients: understood(ParseClientList(reply, 2)), Config: understood(ParseConfig(reply)),
			Memory: understood(ParseMemoryStats(reply)), Latency: understood(ParseLatency(reply)),
			WhoAmI: understood(ParseText(reply)), Self: understood(ParseUser(reply, "me\xff")),
			Users: understood(ParseUsers(reply)), ACLLog: understood(ParseACLLog(reply)),
			ClusterInfo: understood(ParseClusterInfo(reply)), Shards: understood(ParseClusterShards(reply)),
		}
		sameAfterSaving(t, n)
		slots := understood(ParseClusterSlots(reply))
		_ = Uncovered(slots.Value)
		sameAfterSaving(t, Node{Shards: slots})
	})
}

func understood[T any](value T, err error) Fact[T] {
	if err != nil {
		return Fact[T]{Status: Failed}
	}
	return Fact[T]{Status: OK, Value: value}
}

// FuzzClientList has lines of any bytes.
func FuzzClientList(f *testing.F) {
	f.Add("id=3 addr=10.0.0.5:40298 laddr=127.0.0.1:6379 name=api age=400 idle=301 flags=N db=1 cmd=get user=default\n")
	f.Add("id=\xff addr=\xfe:1 name=a b=c = d\n\n=\nname=\x1b[0m")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := ParseClientList(text, 3)
		if err != nil {
			t.Fatal(err)
		}
		names := 0
		for _, n := range list.ByName {
			names += n
		}
		if names != list.Total || len(list.Listed) > 3 {
			t.Errorf("%d clients, %d by name, %d listed", list.Total, names, len(list.Listed))
		}
		sameAfterSaving(t, Node{Clients: Fact[ClientList]{Status: OK, Value: list}})
	})
}
