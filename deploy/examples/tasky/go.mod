module tasky

go 1.19
