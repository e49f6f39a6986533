using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Protean.Node;
using Protean.Node.Api;
using Xunit;

namespace Protean.Tests.Node;

public sealed class MeteredBodyTests
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(5);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_body_is_read_as_far_as_there_is_room()
    {
        var room = new ByteBudget(2 * Limits.SmallApiBody);
        await Read(room, 3 * Limits.SmallApiBody);
        Assert.Equal("PRT-API-0045", (await Assert.ThrowsAsync<RefusedException>(() => Read(room, 2 * Limits.SmallApiBody))).Refusal.Code);
        await Read(room, Limits.SmallApiBody);
    }

    [Fact]
    public async Task A_body_that_does_not_end_in_time_is_given_up()
    {
        await using var body = new MeteredBody(new DefaultHttpContext(), new Pipe().Reader.AsStream(), new ByteBudget(0), TimeSpan.FromMilliseconds(20));
        var refused = await Assert.ThrowsAsync<BadHttpRequestException>(() => body.ReadAsync(new byte[10], Cancel).AsTask());
        Assert.Equal(StatusCodes.Status408RequestTimeout, refused.StatusCode);
    }

    private static async Task Read(ByteBudget room, int length)
    {
        await using var body = new MeteredBody(new DefaultHttpContext(), new MemoryStream(new byte[length]), room, Long);
        await body.CopyToAsync(Stream.Null, Cancel);
    }
}
