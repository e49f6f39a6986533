using System.Globalization;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;
using Protean.Simulator.Campaigns;
using Protean.Simulator.Histories;
using Protean.Simulator.Runs;
using Protean.State;
using Protean.Units.State;

namespace Protean.Cli.Simulation;

/// <summary>Clients that read entries at sealed heights and set them if they still hold what was read, several at once: what they see is as
/// if each operation happened at one instant.</summary>
/// <param name="write">A request to change an entry from the version that was seen, under a nonce.</param>
internal sealed class SharedRegisters(UnitRun run, Func<ulong, Change, Request> write)
{
    private const int Clients = 4, Registers = 2;
    private const ulong FirstNonce = 10_000;

    private readonly List<Operation<Held>> _history = [];
    private ulong _nonce = FirstNonce;
    private ulong _shown;
    private long _moment;
    private bool _ended;

    public void Begin()
    {
        for (var i = 0; i < Clients; i++) run.After(run.Dice.Between(0, run.Duration), Next);
        run.After(run.Duration, () => _ended = true);
    }

    public void CheckEnd()
    {
        var misfit = Linearizability.Misfit(_history, new Held(null));
        Invariants.NothingLost.Require(misfit is null, () => $"no order of the {_history.Count} operations on registers explains {misfit}");
    }

    private void Next()
    {
        if (!_ended) Read(run.Dice.Between(1, Registers), _moment++, _shown);
    }

    // No older than anything that any client was shown before.
    private void Read(int register, long invoked, ulong minHeight)
    {
        var key = UserKeys.Full(Surroundings.Client.PublicKey, [byte.MaxValue, (byte)register]);
        if (run.ReadsOfAny()?.Prove([key], [], minHeight) is not { } reading)
        {
            run.After(run.Dice.Between(20, 200), () => Read(register, invoked, minHeight));
            return;
        }
        var refusal = reading.Witness.Verify(reading.Seal.Header.StateRoot, new WitnessQuestion(UnitState.DataMap, [key], []));
        Invariants.ReceiptsHold.Require(refusal is null, () => $"what a member shows of a register does not hold: {refusal}");
        _ = reading.Witness.Proof.TryGet(key, out var entry);
        _shown = Math.Max(_shown, reading.Seal.Header.Height);
        _history.Add(new Operation<Held>(NameOf(register), new ReadCall(TextOf(entry?.Value)), invoked, _moment++));
        if (run.Dice.Chance(600)) Set(register, key, entry);
        else run.After(run.Dice.Between(0, 500), Next);
    }

    private void Set(int register, Bytes key, MapEntry? seen)
    {
        var value = Values.OfU64(++_nonce);
        var invoked = _moment++;
        var at = _history.Count;
        _history.Add(new Operation<Held>(NameOf(register), new CompareAndSetCall(TextOf(seen?.Value), TextOf(value), null), invoked, null));
        run.Ask(write(_nonce, new Change(key, seen?.Version, value)), done =>
        {
            var set = new CompareAndSetCall(TextOf(seen?.Value), TextOf(value), done.Receipt.Leaf.Status == ResultStatus.Ok);
            _history[at] = new Operation<Held>(NameOf(register), set, invoked, _moment++);
            _shown = Math.Max(_shown, done.Receipt.Header.Height);
            run.After(run.Dice.Between(0, 500), Next);
        });
    }

    private static string NameOf(int register) => register.ToString(CultureInfo.InvariantCulture);
    private static string? TextOf(Bytes? value) => value?.ToString();
}
