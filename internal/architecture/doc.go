// Package architecture holds no code: its test keeps the walls between the packages of this module.
//
// Arrows go down only. The commands in cli may import everything and nothing but a main imports them back; what gathers
// (redisconn, probe, facts, keyspace, smoke) looks and never judges; what judges (findings) and what shows (report,
// term, i18n) never reaches a server. The rules are a table in rules_test.go; each is also seen refusing a made-up bad
// import.
package architecture
