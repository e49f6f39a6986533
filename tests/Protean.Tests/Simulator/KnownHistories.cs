using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;
using System.Text.RegularExpressions;
using Protean.Simulator.Histories;
using Xunit;

namespace Protean.Tests.Simulator;

/// <summary>Histories of real stores with known verdicts, as porcupine's tests have them.</summary>
internal static partial class KnownHistories
{
    private const string Folder = "linearizability-histories";

    /// <summary>By file, whether each is linearizable, and its operations; skips the test where the vectors are not at hand.</summary>
    public static IEnumerable<(string File, bool IsLinearizable, IReadOnlyList<Operation<Held>> History)> All()
    {
        var root = Environment.GetEnvironmentVariable("PROTEAN_VECTORS");
        Assert.SkipWhen(string.IsNullOrEmpty(root), "PROTEAN_VECTORS does not name the folder of the published vectors");
        var verdicts = JsonSerializer.Deserialize<Dictionary<string, bool>>(File.ReadAllText(Path.Combine(root!, Folder, "verdicts.json")))!;
        using var packed = new GZipStream(File.OpenRead(Path.Combine(root!, Folder, "porcupine-test-data.tar.gz")), CompressionMode.Decompress);
        using var archive = new TarReader(packed);
        while (archive.GetNextEntry() is { } entry)
        {
            if (!verdicts.TryGetValue(entry.Name, out var verdict)) continue;
            using var text = new StreamReader(entry.DataStream!);
            yield return (entry.Name, verdict, Read(text.ReadToEnd().Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        }
    }

    private static List<Operation<Held>> Read(string[] lines)
    {
        var history = new List<Operation<Held>>();
        var calls = new Dictionary<string, (Match Line, long Time)>();
        for (var time = 0; time < lines.Length; time++)
        {
            var line = Etcd().Match(lines[time]) is { Success: true } etcd ? etcd : Store().Match(lines[time]);
            Assert.True(line.Success, lines[time]);
            var process = line.Groups["process"].Value;
            if (line.Groups["type"].Value == "invoke") calls.Add(process, (line, time));
            else if (calls.Remove(process, out var call)) Add(history, call.Line, line, call.Time, time);
        }
        foreach (var (line, time) in calls.Values) Add(history, line, null, time, null);
        return history;
    }

    private static void Add(List<Operation<Held>> history, Match call, Match? answer, long invoked, long? returned)
    {
        var (asked, said) = (call.Groups["value"].Value, answer?.Groups["value"].Value);
        if (said == ":timed-out") returned = null;
        ICall<Held>? operation = call.Groups["function"].Value switch
        {
            "read" => returned is null ? null : new ReadCall(said == "nil" ? null : said),
            "get" => returned is null ? null : new ReadCall(said!.Trim('"') is { Length: > 0 } value ? value : null),
            "append" => new AppendCall(asked.Trim('"')),
            "cas" => asked.Trim('[', ']').Split(' ') is var pair
                ? new CompareAndSetCall(pair[0], pair[1], returned is null ? null : answer!.Groups["type"].Value == "ok") : null,
            _ => new WriteCall(asked.Trim('"')),
        };
        // A read that nobody saw the answer of says nothing.
        if (operation is not null) history.Add(new Operation<Held>(call.Groups["key"].Value, operation, invoked, returned));
    }

    private sealed record AppendCall(string Value) : ICall<Held>
    {
        public bool TryApply(Held state, out Held next)
        {
            next = new Held(state.Value + Value);
            return true;
        }
    }

    [GeneratedRegex(@"^INFO\s+jepsen\.util - (?<process>\d+)\s+:(?<type>\w+)\s+:(?<function>\w+)\s+(?<key>)(?<value>.+)$")]
    private static partial Regex Etcd();

    [GeneratedRegex(@"^\{:process (?<process>\d+), :type :(?<type>\w+), :f :(?<function>\w+), :key ""(?<key>[^""]*)"", :value (?<value>.*)\}$")]
    private static partial Regex Store();
}
