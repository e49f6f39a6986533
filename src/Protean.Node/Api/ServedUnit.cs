using System.Collections.Concurrent;
using Protean.Codec;
using Protean.Consensus;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;
using Protean.Sealing;

namespace Protean.Node.Api;

/// <summary>A unit's member as the API reaches it: calls go onto the member's loop, its events come back here.</summary>
/// <param name="unit">What the unit publishes.</param>
/// <param name="entry">Where it stands in the directory.</param>
/// <param name="first">The state machine; touched on its loop only.</param>
/// <param name="calls">Runs something on the loop.</param>
public sealed class ServedUnit(IFunctionalUnit unit, UnitEntry entry, UnitMember first, IMemberCalls calls)
{
    private volatile Serving _serving = new(first, calls);

    private sealed record Serving(UnitMember Member, IMemberCalls Calls);

    /// <summary>The next epoch's member serves from now on. Requests that wait for the old one are answered when they are sent again.</summary>
    public void Continue(UnitMember member, IMemberCalls calls) => _serving = new Serving(member, calls);

    private Task<T> Ask<T>(Func<UnitMember, IEffects<UnitMessage, UnitEvent>, T> call)
    {
        var serving = _serving;
        return serving.Calls.Ask(effects => call(serving.Member, effects));
    }

    private readonly ConcurrentDictionary<Digest, TaskCompletionSource<Reply>> _waiting = new();
    private volatile TaskCompletionSource _nextSeal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile SealedHeader? _head;

    public UnitEntry Entry => entry;
    public IReadOnlyList<Transaction> Transactions => unit.Transactions;

    /// <summary>Takes an event of the member, on its loop and in order.</summary>
    public void Observe(UnitEvent happened)
    {
        switch (happened)
        {
            case UnitEvent.Answered answered when _waiting.TryRemove(answered.Request, out var waiting):
                waiting.TrySetResult(answered.Reply);
                break;
            case UnitEvent.SealedHeight seal:
                Telemetry.Sealed(entry);
                if (_head is null || _head.Header.Height < seal.Header.Header.Height) _head = seal.Header;
                Interlocked.Exchange(ref _nextSeal, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
                break;
        }
    }

    /// <returns>The reply, or null where it did not come in time: the same request may be sent again.</returns>
    public async Task<Reply?> SubmitAsync(Bytes request, TimeSpan atMost, CancellationToken cancellation)
    {
        var name = new Entry(EntryKind.Request, request).Hash;
        var waiting = _waiting.GetOrAdd(name, static _ => new TaskCompletionSource<Reply>(TaskCreationOptions.RunContinuationsAsynchronously));
        await Ask((member, effects) => member.Submit(request, effects));
        try
        {
            return await waiting.Task.WaitAsync(atMost, cancellation);
        }
        catch (TimeoutException)
        {
            _waiting.TryRemove(name, out _);
            await Ask((member, _) => Done(() => member.Forget(name)));
            return null;
        }
    }

    /// <summary>A sealed height at or above both bounds, once there is one; an idle unit is made to seal one.</summary>
    public async Task<SealedHeader?> HeadAsync(ulong minHeight, ulong minTimeMs, TimeSpan atMost, CancellationToken cancellation)
    {
        if (_head is null) _head = await Ask(static (member, _) => member.Reads.Head);
        if (_head is null || _head.Header.TimeMs < minTimeMs) await Ask((member, effects) => Done(() => member.Await(minTimeMs, effects)));
        return await UntilAsync(
            () => Task.FromResult(_head is { } head && head.Header.Height >= minHeight && head.Header.TimeMs >= minTimeMs ? head : null), atMost, cancellation);
    }

    /// <summary>Keys and prefixes of the unit's data, proven at the newest sealed height.</summary>
    public Task<StateReading?> ReadAsync(
        IReadOnlyList<Bytes> keys, IReadOnlyList<Bytes> prefixes, ulong minHeight, TimeSpan atMost, CancellationToken cancellation) =>
        UntilAsync(() => Ask((member, _) => member.Reads.Prove(keys, prefixes, minHeight)), atMost, cancellation);

    /// <exception cref="RefusedException">The unit has no such question, cannot read the input, or has no answer.</exception>
    public async Task<Bytes> QueryAsync(string name, Bytes input)
    {
        return await Ask((member, _) => Query(member, name, input)) switch
        {
            Answer.Given given => given.Value,
            Answer.Refused refused => throw new RefusedException(refused.Refusal),
            _ => throw new RefusedException(ApiRefusals.NoQuery(name)),
        };
    }

    // An exception out of a call would stop the member: what a client sends must not.
    private static Answer? Query(UnitMember member, string name, Bytes input)
    {
        try
        {
            return member.Reads.Query(name, input);
        }
        catch (MalformedException malformed)
        {
            return new Answer.Refused(ApiRefusals.BadRequest(malformed.Message));
        }
    }

    public Task<KeyReading?> KeyAsync(string purpose) => Ask((member, _) => member.Reads.Key(purpose));

    public Task<UnitStatus> StatusAsync() => Ask(static (member, effects) => member.Status(effects.Now));

    /// <summary>The directory's link into an epoch, from the directory's own member; null in other units.</summary>
    public Task<EpochLink?> LinkAsync(ulong epoch) => Ask((member, _) => member.Reads.EpochLink(epoch));

    /// <summary>Takes the link into the next epoch to the unit's log.</summary>
    public Task SubmitAsync(EpochLink link) => Ask((member, effects) => Done(() => member.Submit(link, effects)));

    /// <summary>Ends with the next sealed height.</summary>
    public Task NextSeal => _nextSeal.Task;

    private async Task<T?> UntilAsync<T>(Func<Task<T?>> look, TimeSpan atMost, CancellationToken cancellation) where T : class
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(atMost);
        while (true)
        {
            var next = NextSeal;
            if (await look() is { } found) return found;
            try
            {
                await next.WaitAsync(limit.Token);
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                return null;
            }
        }
    }

    private static bool Done(Action action)
    {
        action();
        return true;
    }
}

/// <summary>Runs something on a member's loop; what it wrote is on disk when the result comes back.</summary>
public interface IMemberCalls
{
    Task<T> Ask<T>(Func<IEffects<UnitMessage, UnitEvent>, T> call);
}
