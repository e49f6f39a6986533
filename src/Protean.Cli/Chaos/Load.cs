using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Protean.Client;
using Protean.Codec;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Units.Randomness;
using Protean.Units.State;

namespace Protean.Cli.Chaos;

/// <summary>Clients that write, compare and set, read and draw for as long as they are let, and write down what they see.</summary>
/// <remarks>A read is of a sealed height that is no lower than any that any client was shown before it began: that makes it linearizable.</remarks>
internal sealed class Load : IDisposable
{
    private const int Registers = 3, OneInDraw = 12;

    private readonly Func<Task<Network>> _connect;
    private readonly History _history;
    private readonly Register[] _registers = [.. Enumerable.Range(0, Registers).Select(static i => new Register($"register-{i}", Identity.Create()))];
    private readonly ConcurrentBag<Register> _own = [];
    private readonly ConcurrentDictionary<string, Bytes> _keys = new(StringComparer.Ordinal);
    private long _shown;

    /// <param name="connect">Each client has its own connections.</param>
    public Load(Func<Task<Network>> connect, History history) => (_connect, _history) = (connect, history);

    /// <summary>Every key that was written or read, by its name in the history.</summary>
    public IReadOnlyDictionary<string, Bytes> Keys => _keys;

    /// <summary>Runs some clients until they are stopped; each then ends what it has begun.</summary>
    /// <param name="abandon">Ends them at once.</param>
    public async Task Run(int clients, ulong seed, CancellationToken stop, CancellationToken abandon) =>
        await Task.WhenAll(Enumerable.Range(1, clients).Select(client => Run(client, new Random(unchecked((int)seed * 1000) + client), stop, abandon)));

    public void Dispose()
    {
        foreach (var register in _registers.Concat(_own)) register.Owner.Dispose();
    }

    private async Task Run(int client, Random random, CancellationToken stop, CancellationToken abandon)
    {
        using var network = await _connect();
        var own = new Register($"client-{client}", Identity.Create());
        _own.Add(own);
        for (var count = 1; !stop.IsCancellationRequested; count++)
        {
            var value = string.Create(CultureInfo.InvariantCulture, $"{client}.{count}");
            var register = _registers[random.Next(Registers)];
            if (random.Next(OneInDraw) == 0) await Draw(network, own, client, value, abandon);
            else if (random.Next(3) == 0) await Write(network, own, client, value, abandon);
            else if (random.Next(2) == 0) await Read(network, register.Use(), client, abandon);
            else await Set(network, register, client, value, abandon);
        }
    }

    private async Task<(Recorded Seen, ulong? Version)> Read(Network network, (string Name, Bytes Full) key, int client, CancellationToken abandon)
    {
        var unit = network.Unit("state").UnitId;
        _keys[key.Name] = key.Full;
        var read = new Recorded(client, "read", key.Name, null, null, History.Now);
        ulong? version = null;
        try
        {
            var shown = await network.State(unit, [key.Full], [], (ulong)Volatile.Read(ref _shown), abandon);
            var entry = shown.Witness!.Proof.Entries.FirstOrDefault(entry => entry.Key == key.Full);
            version = entry?.Version;
            Saw(shown.Header.Height);
            read = read with { Value = entry?.Value.ToText(), Returned = History.Now };
        }
        catch (RefusedException refused)
        {
            read = read with { Refused = refused.Refusal.ToString() };
        }
        _history.Add(read);
        return (read, version);
    }

    private async Task Set(Network network, Register register, int client, string value, CancellationToken abandon)
    {
        var key = register.Use();
        var (seen, version) = await Read(network, key, client, abandon);
        if (seen.Returned is not null) await Change(network, register.Owner, "set", key, (seen.Value, version), client, value, abandon);
    }

    private Task Write(Network network, Register own, int client, string value, CancellationToken abandon) =>
        Change(network, own.Owner, "write", own.KeyOf(value), (null, null), client, value, abandon);

    private async Task Change(
        Network network, Identity owner, string kind, (string Name, Bytes Full) key, (string? Value, ulong? Version) seen, int client, string value, CancellationToken abandon)
    {
        _keys[key.Name] = key.Full;
        var change = new Change(key.Full, seen.Version, Bytes.Of(value));
        var unit = network.Unit("state");
        var request = new Session(network, owner).Prepare(unit, StateTransactions.Write.Name, [new NamedValue("change", Bytes.Wrap(Canonical.Encode(change)))]);
        var done = await Submit(network, request, new Recorded(client, kind, key.Name, seen.Value, value, History.Now, request), abandon);
        _history.Add(done);
    }

    private async Task Draw(Network network, Register own, int client, string about, CancellationToken abandon)
    {
        var request = new Session(network, own.Owner).Prepare(
            network.Unit("randomness"), RandomnessTransactions.Draw.Name, [new NamedValue(RandomnessTransactions.About, Bytes.Wrap(Encoding.ASCII.GetBytes(about)))]);
        var done = await Submit(network, request, new Recorded(client, "draw", about, null, null, History.Now, request), abandon);
        _history.Add(done with { Value = done.IsAcknowledged ? done.Result!.Output(RandomnessTransactions.Value).ToString() : null });
    }

    // A client that gave up does not know what came of it; nor does one that was refused, after some member may have taken the request in.
    private async Task<Recorded> Submit(Network network, Request request, Recorded begun, CancellationToken abandon)
    {
        try
        {
            var result = await network.Submit(request, abandon);
            if (begun.Kind != "draw") Saw(result.Height);
            return begun with { Result = result, Returned = History.Now };
        }
        catch (RefusedException refused)
        {
            return begun with { Refused = refused.Refusal.ToString() };
        }
    }

    // Before the clock is read for the answer: whoever begins later must know of it.
    private void Saw(ulong height)
    {
        for (var known = Volatile.Read(ref _shown); (long)height > known; known = Volatile.Read(ref _shown))
            if (Interlocked.CompareExchange(ref _shown, (long)height, known) == known) return;
    }
}
