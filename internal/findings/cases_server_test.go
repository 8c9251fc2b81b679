package findings_test

var serverCases []ruleCase
