using System.Diagnostics;
using System.Text.Json;
using Protean.Client;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Simulator.Histories;

namespace Protean.Cli.Chaos;

/// <summary>One operation as its client saw it.</summary>
/// <param name="Kind">read, write (of an entry of the client's own), set (of a register, if it holds what was expected) or draw.</param>
/// <param name="Key">What it is about.</param>
/// <param name="Expected">What the writer had read; null where nothing was there.</param>
/// <param name="Value">What was written; of a read or a draw, what came.</param>
/// <param name="Request">Null for reads.</param>
internal sealed record Recorded(int Client, string Kind, string Key, string? Expected, string? Value, long Invoked, Request? Request = null)
{
    /// <summary>Null where the client never learned what came of it.</summary>
    public long? Returned { get; init; }

    /// <summary>Null for reads, and where none came.</summary>
    public Result? Result { get; init; }

    /// <summary>What came instead of a result.</summary>
    public string? Refused { get; init; }

    public bool IsAcknowledged => Result is { Status: ResultStatus.Ok };

    /// <summary>As the checker of histories has it; null for what says nothing about a register.</summary>
    public Operation<Held>? ToOperation() => Kind switch
    {
        "draw" => null,
        "read" => Returned is null ? null : new Operation<Held>(Key, new ReadCall(Value), Invoked, Returned),
        _ => new Operation<Held>(Key, new CompareAndSetCall(Expected, Value, Result is null ? null : IsAcknowledged), Invoked, Result is null ? null : Returned),
    };
}

/// <summary>What all clients did, in the order in which they learned of it. For any number of clients at once.</summary>
internal sealed class History
{
    private readonly Lock _lock = new();
    private readonly List<Recorded> _all = [];

    public IReadOnlyList<Recorded> All
    {
        get
        {
            lock (_lock) return [.. _all];
        }
    }

    /// <summary>The one clock of all clients.</summary>
    public static long Now => Stopwatch.GetTimestamp();

    public void Add(Recorded recorded)
    {
        lock (_lock) _all.Add(recorded);
    }

    /// <summary>One JSON object a line; times in microseconds of one clock.</summary>
    public void Write(string path)
    {
        const long Microsecond = 1_000_000;
        using var file = new StreamWriter(path);
        foreach (var one in All)
            file.WriteLine(JsonSerializer.Serialize(new
            {
                client = one.Client,
                kind = one.Kind,
                key = one.Key,
                expected = one.Expected,
                value = one.Value,
                invoked = one.Invoked * Microsecond / Stopwatch.Frequency,
                returned = one.Returned * Microsecond / Stopwatch.Frequency,
                status = one.Result?.Status.ToString(),
                height = one.Result?.Height,
                refused = one.Refused,
            }));
    }
}
