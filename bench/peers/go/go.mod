module dashboard

go 1.19
