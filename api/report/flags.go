package report

import "time"

// Flags is [Options] as a command line, in the tags of alecthomas/kong.
type Flags struct {
	Files []string `arg:"" optional:"" name:"file" help:"Files that the backup made (バックアップのファイル)."`

	PingURL    string        `name:"ping-url" env:"TANAMORI_PING_URL" placeholder:"URL" help:"Where to check in; better in the environment, where other users cannot see it (報告先)."`
	Start      bool          `help:"Also report the start, before the files are read (開始も報告)."`
	Generation string        `placeholder:"NAME" help:"Name of this copy (世代)."`
	LogFile    string        `placeholder:"FILE" help:"Send the end of this log along (ログの末尾を添付)."`
	Sidecar    bool          `help:"Write FILE.sha256 beside every file (ハッシュを書き残す)."`
	Quiet      bool          `short:"q" help:"Print nothing on success (成功時は表示しない)."`
	Timeout    time.Duration `default:"10s" help:"For one attempt (1回の待ち時間)."`
	Retries    int           `default:"10" help:"Further attempts after the first (再試行の回数)."`
	Within     time.Duration `default:"5m" help:"For all attempts together (再試行を含む待ち時間)."`
}

// Help is what kong prints below the flags.
func (Flags) Help() string {
	return `Reads the files, and reports their number, size and SHA-256 to Tanamori.

With "-- COMMAND…" the command is run first, between a report of the start and
one of the end; its exit status and the end of its output are reported too:

  tanamori report db.dump -- pg_dump -Fc -f db.dump koseki

Exit status: 0 reported, 1 the backup or the report failed, 2 usage.`
}

// Options gives the report that the flags ask for; streams and version are the
// caller's to add.
func (f Flags) Options(command []string) Options {
	return Options{
		Files: f.Files, Command: command, PingURL: f.PingURL, Start: f.Start, Generation: f.Generation,
		LogFile: f.LogFile, Sidecar: f.Sidecar, Quiet: f.Quiet, Timeout: f.Timeout, Retries: f.Retries, Within: f.Within,
	}
}

// Split cuts arguments at the first "--": what stands before it is for the
// flags, what follows is the command. Kong would take it for more files.
func Split(args []string) (own, command []string) {
	for i, a := range args {
		if a == "--" {
			return args[:i:i], args[i+1:]
		}
	}
	return args, nil
}
