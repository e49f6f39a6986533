using Protean.Runtime;

namespace Protean.Cli;

/// <summary>Every refusal of the command itself, with its code.</summary>
internal static class CommandRefusals
{
    public static Refusal FileUnusable(string detail) => new("PRT-CMD-0001", "a file or folder cannot be used", Got: detail, Advice: "Check path, permissions and space.");

    public static Refusal NotAHash(string got) => new(
        "PRT-CMD-0002", "this is no network's name", Expected: "the hash of its genesis, 64 hexadecimal digits", Got: got, Advice: "Take it from who runs the network, not from the proof.");

    public static Refusal NotAnAddress(string got) => new("PRT-CMD-0003", "this is no API address", Expected: "a URL like http://127.0.0.1:8080", Got: got);

    public static Refusal NodeSilent(string address, string detail) => new(
        "PRT-CMD-0004", "the node does not answer", address, "a node's HTTP API", detail, Retry: true, Advice: "Check that the node runs and that the address is its API's.");

    public static Refusal RecordMalformed(string path, string detail) => new(
        "PRT-CMD-0005", "this is no node record", path, "a file that `protean keys record` wrote", detail, Advice: "Ask the node's operator for the file again.");

    public static Refusal RecordWrong(string path, Refusal why) => new(
        "PRT-CMD-0006", "the node record does not hold", path, "signatures and proofs of possession for this network's name and time", why.ToString(),
        Advice: "The operator makes the record again, with the same --name and --time as the genesis.");

    public static Refusal UnitsMalformed(string path, string detail) => new(
        "PRT-CMD-0007", "the file of units is not valid", path, """a list like [{"class": "state", "members": ["alice", "bob", ...]}]""", detail);

    public static Refusal NotATime(string got) => new("PRT-CMD-0008", "this is no time", Expected: "a time like 2026-01-31T12:00:00Z", Got: got);

    public static Refusal NoFault(string got) => new(
        "PRT-CMD-0009", "no simulation draws this fault", Expected: "names of faults with commas between them; see `protean simulate --help`", Got: got);

    public static Refusal NotASeedRange(string got) => new("PRT-CMD-0010", "these are no seeds", Expected: "a number, or two like 1..1000", Got: got);

    public static Refusal NotInRange(string option, ulong got, ulong least, ulong most) => new(
        "PRT-CMD-0040", "a number is out of range", option, $"{least} to {most}", $"{got}");

    public static Refusal NoSuchFault(string got) => new(
        "PRT-CMD-0050", "there is no such fault", "--faults", "some of kill, pause, partition, slow, with commas between", got);

    public static Refusal NoSuchShare(string got) => new("PRT-CMD-0051", "this is no share", "--share", "two numbers like 2/8, the first no greater than the second", got);

    public static Refusal NotAnIdentifier(string got) => new(
        "PRT-CMD-0060", "this is no identifier and no public key", Expected: "64 hexadecimal digits", Got: got);

    /// <summary>Not foreseen; shown so that it can be reported.</summary>
    public static Refusal Fault(Exception exception) => new(
        "PRT-CMD-0099", "a fault in this program", exception.TargetSite?.DeclaringType?.FullName ?? "", "", $"{exception.GetType().Name}: {exception.Message}",
        Advice: "Nothing was half done: what units sealed stands, what they did not seal did not happen. Report this line.");
}
