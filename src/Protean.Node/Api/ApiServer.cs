using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Protean.Cryptography;
using Protean.Membership;
using Protean.Runtime;

namespace Protean.Node.Api;

/// <summary>A node's HTTP API for clients, on Kestrel: JSON, server-sent events, OpenAPI at /openapi/v1.json.</summary>
public sealed class ApiServer : IAsyncDisposable
{
    private readonly WebApplication _application;

    private ApiServer(WebApplication application) => _application = application;

    /// <summary>Listens. Without a certificate only loopback addresses are served.</summary>
    /// <param name="directory">As far as the node has followed the epochs; asked whenever it is needed.</param>
    /// <param name="published">Transactions by class of unit.</param>
    /// <exception cref="RefusedException">The address is taken or not the node's.</exception>
    public static async Task<ApiServer> StartAsync(
        IPEndPoint listen, Func<LinkedDirectory> directory, Digest node, IEnumerable<ServedUnit> units, IReadOnlyDictionary<string, IReadOnlyList<Transaction>> published)
    {
        if (!IPAddress.IsLoopback(listen.Address)) throw new RefusedException(ApiRefusals.ClearText(listen.ToString()));
        // Nothing out of the environment or the current folder: settings of other programs may lie there, and files are not watched.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRouting();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(listen, static end => end.Protocols = HttpProtocols.Http1);
            Bound(kestrel.Limits);
        });
        builder.Services.Configure<JsonOptions>(json => json.SerializerOptions.MaxDepth = 32);
        builder.Services.Configure<RouteHandlerOptions>(static routes => routes.ThrowOnBadRequest = true);
        builder.Services.AddOpenApi();
        Telemetry.Export(builder.Services);
        var application = builder.Build();
        application.UseExceptionHandler(handler => handler.Run(RefuseAsync));
        application.UseStatusCodePages(static page => RefuseAsync(
            page.HttpContext, page.HttpContext.Response.StatusCode, ApiRefusals.BadRequest(ReasonPhrases.GetReasonPhrase(page.HttpContext.Response.StatusCode))));
        var bodies = new ByteBudget(Limits.MaxApiBodiesBytes);
        application.Use(async (context, next) =>
        {
            await using var body = new MeteredBody(context, context.Request.Body, bodies, TimeSpan.FromSeconds(Limits.MaxApiTransferSeconds));
            context.Request.Body = body;
            await next(context);
        });
        application.MapOpenApi();
        new Endpoints(directory, node, units.ToDictionary(unit => unit.Entry.UnitId), published).Map(application);
        try
        {
            await application.StartAsync();
        }
        catch (IOException taken)
        {
            await application.DisposeAsync();
            throw new RefusedException(NodeRefusals.AddressInUse(listen.ToString()), taken);
        }
        return new ApiServer(application);
    }

    public async ValueTask DisposeAsync()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _application.StopAsync(limit.Token);
        await _application.DisposeAsync();
    }

    // A client that sends or reads slowly is cut off; large bodies and replies need room (ByteBudget).
    private static void Bound(KestrelServerLimits kestrel)
    {
        kestrel.MaxRequestBodySize = Limits.MaxApiBody;
        kestrel.MaxConcurrentConnections = Limits.MaxApiConnections;
        kestrel.MaxRequestBufferSize = Limits.MaxApiBuffer;
        kestrel.MaxRequestHeadersTotalSize = Limits.MaxApiBuffer / 2;
        kestrel.RequestHeadersTimeout = TimeSpan.FromSeconds(Limits.MaxApiHeaderSeconds);
        kestrel.KeepAliveTimeout = TimeSpan.FromSeconds(Limits.MaxApiIdleSeconds);
        kestrel.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 1024, gracePeriod: TimeSpan.FromSeconds(5));
    }

    private static Task RefuseAsync(HttpContext context)
    {
        var error = context.Features.Get<IExceptionHandlerFeature>()?.Error;
        var (status, refusal) = error switch
        {
            RefusedException refused => (ApiRefusals.StatusOf(refused.Refusal), refused.Refusal),
            Microsoft.AspNetCore.Http.BadHttpRequestException bad => (bad.StatusCode, ApiRefusals.BadRequest(bad.InnerException?.Message ?? bad.Message)),
            _ => (StatusCodes.Status500InternalServerError, ApiRefusals.Internal(error?.Message ?? "unknown")),
        };
        return RefuseAsync(context, status, refusal);
    }

    private static Task RefuseAsync(HttpContext context, int status, Refusal refusal)
    {
        context.Response.StatusCode = status;
        return context.Response.WriteAsJsonAsync(new ReplyMessage("refused", Refusal: refusal));
    }
}
