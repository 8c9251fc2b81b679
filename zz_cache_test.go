package findings_test
var cacheCases []ruleCase
