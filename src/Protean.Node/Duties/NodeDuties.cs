using Microsoft.Extensions.Logging;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Node.Keys;
using Protean.Runtime;
using Protean.Units.Directory;

namespace Protean.Node.Duties;

/// <summary>What a node does unasked: brings its units' generated keys to the directory, registers its consensus key for the next epoch, and
/// takes the directory's epoch links to its units' logs, and erases the consensus keys of epochs that are behind it.</summary>
internal sealed partial class NodeDuties : IAsyncDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly Genesis _genesis;
    private readonly Digest _chainId;
    private readonly NodeKeys _keys;
    private readonly IReadOnlyList<NodeUnit> _units;
    private readonly DirectoryPeers _directory;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _stop = new();
    private readonly HashSet<(Digest Unit, string Purpose)> _registered = [];
    private readonly ulong _epochLengthMs;
    private readonly Task _running;
    private ulong _registeredEpoch;

    public NodeDuties(Genesis genesis, NodeKeys keys, IReadOnlyList<NodeUnit> units, ILogger log)
    {
        (_genesis, _chainId, _keys, _units, _log) = (genesis, genesis.ChainId, keys, units, log);
        _directory = new DirectoryPeers(genesis);
        _epochLengthMs = genesis.Number(DirectoryUnit.EpochLengthParameter, 0);
        _running = RunAsync();
    }

    /// <summary>Ends when the node stops; fails where a duty broke.</summary>
    public Task Completion => _running;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _directory.Dispose();
    }

    private async Task RunAsync()
    {
        using var timer = new PeriodicTimer(Interval);
        for (var round = 0; await timer.WaitForNextTickAsync(_stop.Token); round++)
        {
            try
            {
                foreach (var unit in _units) await RegisterKeysAsync(unit, round);
                if (_epochLengthMs == 0) continue;
                await RegisterNextKeyAsync();
                await PassLinkAsync();
                await EraseKeysAsync();
            }
            catch (RefusedException stopped)
            {
                DutyRefused(stopped.Refusal.ToString());
            }
        }
    }

    /// <summary>Any member may bring a key; they take turns by index, so that usually one does.</summary>
    private async Task RegisterKeysAsync(NodeUnit unit, int round)
    {
        var status = await unit.Served.StatusAsync();
        // Keys that the log begins and erases are for those who asked for them: the directory would grow by each.
        foreach (var key in status.Keys.Where(key => key.Ready && unit.KeyPurposes.Contains(key.Purpose) && !_registered.Contains((status.UnitId, key.Purpose))))
        {
            if (round % unit.Member.Assignment.Committee.Size != unit.Member.Assignment.Self.Index - 1) continue;
            if (await unit.Served.KeyAsync(key.Purpose) is not { } reading) continue;
            if (!await _directory.HasAsync(DirectoryKeys.Key(status.UnitId, key.Purpose), _stop.Token))
            {
                var registered = Bytes.Wrap(Canonical.Encode(new RegisteredKey(reading.Receipt, reading.Outputs)));
                if (!await AskAsync(DirectoryTransactions.RegisterKey, [new NamedValue("key", registered)])) continue;
            }
            _registered.Add((status.UnitId, key.Purpose));
        }
    }

    private async Task RegisterNextKeyAsync()
    {
        var next = Epoch + 1;
        if (_registeredEpoch >= next) return;
        if (!_keys.HasEpoch(next)) _keys.CreateEpoch(next, SystemRandom.Instance).Dispose();
        var key = _keys.OpenEpoch(next);
        NamedValue[] inputs =
        [
            new("consensusKey", new Bytes(key.PublicKey.Span)), new("epoch", Values.OfU64(next)),
            new("possession", new Bytes(NodeRecords.ProveConsensusKey(_keys, key, _chainId, next).Span)),
        ];
        if (await AskAsync(DirectoryTransactions.RegisterEpochKey, inputs)) _registeredEpoch = next;
    }

    /// <summary>The epoch of the unit that is furthest behind.</summary>
    private ulong Epoch => _units.Min(static unit => unit.Directory.CurrentEpoch);

    private async Task PassLinkAsync()
    {
        var next = Epoch + 1;
        var now = (ulong)TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds();
        if (now < _genesis.TimeMs + (next * _epochLengthMs) || await _directory.LinkAsync(next, _stop.Token) is not { } link) return;
        foreach (var unit in _units.Where(unit => unit.Directory.CurrentEpoch < next)) await unit.Served.SubmitAsync(link);
    }

    private async Task EraseKeysAsync()
    {
        var needed = ulong.MaxValue;
        foreach (var unit in _units) needed = Math.Min(needed, await unit.NeededKeyEpochAsync(_stop.Token));
        _keys.EraseEpochsBefore(needed);
    }

    private async Task<bool> AskAsync(Transaction transaction, IReadOnlyList<NamedValue> inputs)
    {
        Span<byte> nonce = stackalloc byte[sizeof(ulong)];
        SystemRandom.Instance.Fill(nonce);
        var unsigned = new Request.Direct(
            _directory.UnitId, _keys.Identity.PublicKey, BitConverter.ToUInt64(nonce), Epoch + 1, transaction.Name, inputs, [], Proofs.None);
        var digest = RequestDigests.Request(
            _directory.UnitId, RequestDigests.Direct(_chainId, unsigned), 0, 0, RequestDigests.Inputs([.. inputs]));
        var signature = _keys.Identity.Sign(RequestDigests.DirectPayload(_chainId, digest));
        var (done, why) = await _directory.SubmitAsync(unsigned with { Signatures = [new KeySignature(_keys.Identity.PublicKey, signature)] }, _stop.Token);
        if (!done) DutyPutOff(transaction.Name, why);
        return done;
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Duty} is put off: {Reason}")]
    private partial void DutyPutOff(string duty, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "a duty was refused: {Reason}")]
    private partial void DutyRefused(string reason);
}
