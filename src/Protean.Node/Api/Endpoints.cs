using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;

namespace Protean.Node.Api;

/// <summary>What a node answers to clients. Nothing here is to be believed: receipts, seals and proofs are checked by whoever asks.</summary>
internal sealed class Endpoints(Func<LinkedDirectory> current, Digest node, IReadOnlyDictionary<Digest, ServedUnit> served, IReadOnlyDictionary<string, IReadOnlyList<Transaction>> published)
{
    private readonly ByteBudget _replies = new(Limits.MaxApiRepliesBytes);
    private int _followers;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/network", Network).WithSummary("The network's genesis and this node's name.");
        routes.MapGet("/v1/epochs/{epoch}", Epoch).WithSummary("The directory's link into an epoch, for nodes and verifiers.");
        routes.MapGet("/v1/units", Units).WithSummary("All units with the transactions they publish.");
        routes.MapGet("/v1/units/{unitId}/status", Status).WithSummary("How this node's member of the unit stands, and what it waits for.");
        routes.MapGet("/v1/units/{unitId}/events", Events).WithSummary("The status again with every sealed height, as server-sent events.");
        routes.MapPost("/v1/units/{unitId}/requests", Submit).WithSummary("Submits a request; the same request again gives the same result.");
        routes.MapPost("/v1/units/{unitId}/state", Read).WithSummary("Keys and prefixes of the unit's state, proven at a sealed height.");
        routes.MapGet("/v1/units/{unitId}/head", Head).WithSummary("A sealed height at or after a height and a time.");
        routes.MapGet("/v1/units/{unitId}/keys/{purpose}", Key).WithSummary("A generated key with the receipt and the dealings that it follows from.");
        routes.MapPost("/v1/units/{unitId}/queries/{name}", Query).WithSummary("An unordered, unsealed answer of this one member: a dry run, say.");
    }

    private NetworkMessage Network()
    {
        var directory = current();
        return new NetworkMessage(
            directory.ChainId.ToString(), Convert.ToBase64String(Canonical.Encode(directory.Genesis)), node.ToString(), directory.CurrentEpoch,
            [.. directory.Links.Select(static link => Convert.ToBase64String(Canonical.Encode(link)))]);
    }

    private async Task<Ok<EpochMessage>> Epoch(ulong epoch)
    {
        foreach (var unit in served.Values)
            if (await unit.LinkAsync(epoch) is { } link) return TypedResults.Ok(new EpochMessage(Convert.ToBase64String(Canonical.Encode(link))));
        throw new RefusedException(ApiRefusals.NoEpoch(epoch));
    }

    private IReadOnlyList<UnitMessageView> Units() =>
    [
        .. current().Units.Select(unit => new UnitMessageView(
            unit.UnitId.ToString(), unit.Class, unit.Ordinal, served.ContainsKey(unit.UnitId),
            [.. published.GetValueOrDefault(unit.Class, []).Select(TransactionView.Of)])),
    ];

    private async Task<StatusMessage> Status(string unitId) => StatusMessage.Of(await Find(unitId).StatusAsync());

    private ServerSentEventsResult<StatusMessage> Events(HttpContext context, string unitId, CancellationToken cancellation)
    {
        var unit = Find(unitId);
        if (Interlocked.Increment(ref _followers) > Limits.MaxApiFollowers)
        {
            Interlocked.Decrement(ref _followers);
            throw new RefusedException(ApiRefusals.TooManyFollowers());
        }
        context.Response.OnCompleted(() => Task.FromResult(Interlocked.Decrement(ref _followers)));
        return TypedResults.ServerSentEvents(Follow(unit, cancellation), "status");
    }

    private static async IAsyncEnumerable<StatusMessage> Follow(
        ServedUnit unit, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            var next = unit.NextSeal;
            yield return StatusMessage.Of(await unit.StatusAsync());
            await Task.Delay(Limits.MinApiEventMs, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            // A waiting unit seals nothing, and its status changes all the same.
            await Task.WhenAny(next, Task.Delay(TimeSpan.FromSeconds(1), cancellation));
        }
    }

    private async Task<Results<Ok<ReplyMessage>, Accepted<ReplyMessage>>> Submit(string unitId, SubmitMessage message, CancellationToken cancellation)
    {
        var unit = Find(unitId);
        var begun = Stopwatch.GetTimestamp();
        var reply = await unit.SubmitAsync(FromBase64(message.Request, "request"), Wait(message.WaitMs), cancellation);
        Telemetry.Answered(unit.Entry, reply is null ? "waiting" : reply is Reply.Done ? "done" : "refused", Stopwatch.GetElapsedTime(begun));
        if (reply is Reply.Refused refused) Telemetry.Refused(unit.Entry, refused.Refusal.Code);
        if (reply is not null) return TypedResults.Ok(ReplyMessage.Of(reply));
        var status = await unit.StatusAsync();
        return TypedResults.Accepted((string?)null, new ReplyMessage("waiting", WaitingFor: status.Waiting));
    }

    private async Task<Ok<StateMessage>> Read(HttpContext context, string unitId, ReadMessage message, CancellationToken cancellation)
    {
        if (message.Keys.Count + message.Prefixes.Count > Limits.MaxApiReads) throw new RefusedException(ApiRefusals.TooMany(message.Keys.Count + message.Prefixes.Count));
        var reading = await Find(unitId).ReadAsync(
            [.. message.Keys.Select(KeyOf)], [.. message.Prefixes.Select(KeyOf)], message.MinHeight ?? 0, Wait(message.WaitMs), cancellation);
        if (reading is null) throw new RefusedException(ApiRefusals.NotSealedYet($"height {message.MinHeight}"));
        var (seal, witness) = (Canonical.Encode(reading.Seal), Canonical.Encode(reading.Witness));
        TakeRoom(context, seal.Length + witness.Length);
        return TypedResults.Ok(new StateMessage(Convert.ToBase64String(seal), Convert.ToBase64String(witness)));
    }

    private async Task<Ok<HeadMessage>> Head(string unitId, ulong? minTimeMs, ulong? minHeight, int? waitMs, CancellationToken cancellation)
    {
        var head = await Find(unitId).HeadAsync(minHeight ?? 0, minTimeMs ?? 0, Wait(waitMs), cancellation);
        return head is null
            ? throw new RefusedException(ApiRefusals.NotSealedYet($"height {minHeight ?? 0}, time {minTimeMs ?? 0}"))
            : TypedResults.Ok(new HeadMessage(Convert.ToBase64String(Canonical.Encode(head))));
    }

    private async Task<Ok<KeyMessage>> Key(string unitId, string purpose)
    {
        var key = await Find(unitId).KeyAsync(purpose) ?? throw new RefusedException(ApiRefusals.NoKey(purpose));
        return TypedResults.Ok(new KeyMessage(
            Convert.ToBase64String(Canonical.Encode(key.Receipt)), Convert.ToBase64String(Canonical.Encode(key.Outputs)), Convert.ToBase64String(Canonical.Encode(key.Record))));
    }

    private async Task<Ok<QueryAnswer>> Query(string unitId, string name, QueryMessage message)
    {
        var answer = await Find(unitId).QueryAsync(name, FromBase64(message.Input, "input"));
        return TypedResults.Ok(new QueryAnswer(Convert.ToBase64String(answer.Span)));
    }

    // Who does not read a large reply is cut off in time.
    private void TakeRoom(HttpContext context, int size)
    {
        if (size <= Limits.SmallApiBody) return;
        if (!_replies.TryTake(context, size)) throw new RefusedException(ApiRefusals.Crowded("reply"));
        if (context.Features.Get<IHttpMinResponseDataRateFeature>() is { } reading)
            reading.MinDataRate = new MinDataRate((double)size / Limits.MaxApiTransferSeconds, TimeSpan.FromSeconds(5));
    }

    private ServedUnit Find(string unitId)
    {
        if (unitId.Length != 2 * Digest.Size || !unitId.All(char.IsAsciiHexDigitLower)) throw new RefusedException(ApiRefusals.UnknownUnit(unitId));
        return served.GetValueOrDefault(Digest.FromHex(unitId)) ?? throw new RefusedException(ApiRefusals.UnknownUnit(unitId));
    }

    private static Bytes FromBase64(string text, string field)
    {
        var bytes = new byte[((text.Length * 3) + 3) / 4];
        return Convert.TryFromBase64String(text, bytes, out var length)
            ? new Bytes(bytes.AsSpan(0, length))
            : throw new RefusedException(ApiRefusals.NotBase64(field));
    }

    private static Bytes KeyOf(string text)
    {
        var key = FromBase64(text, "key");
        return key.Length <= Limits.MaxKeyBytes ? key : throw new RefusedException(ApiRefusals.BadRequest($"a key of {key.Length} bytes, at most {Limits.MaxKeyBytes} allowed"));
    }

    private static TimeSpan Wait(int? milliseconds) => TimeSpan.FromMilliseconds(Math.Clamp(milliseconds ?? Limits.MaxApiWaitMs, 0, Limits.MaxApiWaitMs));
}
