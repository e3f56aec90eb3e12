package frames
import ("encoding/json";"testing")
func BenchmarkZStd(b *testing.B){ for _,k:=range []string{"json/plain","json/escapes"} { line:=[]byte(lineKinds()[k]); b.Run(k,func(b *testing.B){ for range b.N { var v []string; if err:=json.Unmarshal(line,&v);err!=nil{b.Fatal(err)} } })
b.Run(k+"enc",func(b *testing.B){var v []string; json.Unmarshal(line,&v); for range b.N { json.Marshal(v) } }) } }
