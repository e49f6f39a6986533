using Protean.Client;
using Protean.Client.Api;
using Protean.Codec;
using Protean.Cryptography;
using Protean.Node.LocalNetwork;
using Protean.Runtime;
using Protean.Sealing;

namespace Protean.Cli.Chaos;

/// <summary>Sends a request to one member as it stands, until that member answers.</summary>
internal static class SentAgain
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200), Patience = TimeSpan.FromSeconds(60), Hold = TimeSpan.FromSeconds(10);

    /// <returns>The receipt; null where the member refuses, or does not come to know it.</returns>
    public static async Task<Receipt?> To(HttpClient http, LocalNode member, Digest unit, Request request, CancellationToken cancel)
    {
        var (api, bytes) = (new NodeApi(http, member.Api), Bytes.Wrap(Canonical.Encode(request)));
        for (var begun = Environment.TickCount64; Environment.TickCount64 - begun < Patience.TotalMilliseconds; await Task.Delay(Pause, cancel))
            try
            {
                var reply = await api.Submit(unit, bytes, Hold, cancel);
                if (reply.Status == "done") return Canonical.Decode<Receipt>(reply.Receipt);
            }
            catch (RefusedException refused) when (!refused.Refusal.Retry)
            {
                return null;
            }
            catch (Exception notYet) when (notYet is RefusedException or HttpRequestException)
            {
                // It is catching up, busy, or not back yet.
            }
        return null;
    }

    /// <summary>Whether two receipts are of one execution: the same result at the same place of the same block. Who signed may differ.</summary>
    public static bool IsSame(Receipt one, Receipt? other) => (one.Leaf, one.Index, one.Header) == (other?.Leaf, other?.Index, other?.Header);
}
