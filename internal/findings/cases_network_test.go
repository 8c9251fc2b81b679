package findings_test

var networkCases []ruleCase
